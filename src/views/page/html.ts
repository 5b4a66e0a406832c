const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of a page: whatever a cloud or a job has named stays text. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, one => entities[one] ?? one)
}

/** Of a table; `note` is told by colour too, and never by colour alone. */
export interface Cell {
  readonly text: string
  readonly tone?: 'good' | 'bad' | 'wait' | undefined
  /** The whole of what is shown shortened. */
  readonly title?: string
}

/** A table that can be scrolled sideways, also by the keyboard. */
export function htmlTable(
  name: string,
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
): string {
  if (rows.length === 0) return ''
  const heads = headings.map(text => `<th scope="col">${escaped(text)}</th>`).join('')
  const lines = rows.map(cells => `<tr>${cells.map(htmlCell).join('')}</tr>`).join('')
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(name)}"><table><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`
}

function htmlCell(cell: string | Cell, at: number): string {
  const { text, tone, title } = typeof cell === 'string' ? { text: cell } : cell
  const attributes = `${tone ? ` class="${tone}"` : ''}${title ? ` title="${escaped(title)}"` : ''}`
  return at === 0
    ? `<th scope="row"${attributes}>${escaped(text)}</th>`
    : `<td${attributes}>${escaped(text)}</td>`
}

export function troubleList(lines: readonly string[]): string {
  if (lines.length === 0) return '<p class="good">Nothing is wrong.</p>'
  return `<ul>${lines.map(line => `<li class="bad">${escaped(line)}</li>`).join('')}</ul>`
}
