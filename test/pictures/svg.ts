/** Colours of a terminal's sixteen, dark scheme; contrast 4.5 to 1 and more against the ground. */
const palette = ['#5c6773', '#ff8f88', '#6fd79b', '#f2c063', '#86bdf5', '#d6a5f2', '#7fd7dc', '#e8edf3']
const ground = '#10151c'
const text = '#e8edf3'

/** In pixels: of a cell of the type, and around all. */
const cell = { width: 8.4, height: 19 } as const
const margin = 16

/** What sets colours and weight. */
const colourEscape = new RegExp(`(${String.fromCharCode(27)}\\[[\\d;]*m)`)

interface Run {
  readonly text: string
  readonly colour: string | undefined
  readonly isBold: boolean
}

/** A terminal's screen, with its escapes for colours, as a picture that holds its text as text. */
export function svgOf(screen: readonly string[], columns: number, title: string): string {
  const lines = withoutBlankEnd(screen)
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = lines.length * cell.height + 2 * margin
  const rows = lines.map((line, at) => {
    const spans = runsOf(line).map(spanOf).join('')
    return `<text x="${margin}" y="${margin + (at + 0.75) * cell.height}" xml:space="preserve">${spans}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${ground}"/>
<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="${text}">
${rows.join('\n')}
</g>
</svg>
`
}

function withoutBlankEnd(screen: readonly string[]): readonly string[] {
  const last = screen.findLastIndex(line => line.trim() !== '')
  return screen.slice(0, last + 1)
}

function runsOf(line: string): readonly Run[] {
  let colour: string | undefined
  let isBold = false
  return line.split(colourEscape).flatMap(part => {
    const codes = colourEscape.exec(part)?.[1]?.slice(2, -1)
    if (codes === undefined) return part === '' ? [] : [{ text: part, colour, isBold }]
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) [colour, isBold] = [undefined, false]
      if (code === 1) isBold = true
      if (code === 39) colour = undefined
      if (code >= 30 && code <= 37) colour = palette[code - 30]
      if (code >= 90 && code <= 97) colour = palette[code - 90]
    }
    return []
  })
}

function spanOf({ text, colour, isBold }: Run): string {
  const attributes = `${colour ? ` fill="${colour}"` : ''}${isBold ? ' font-weight="700"' : ''}`
  return attributes === '' ? escaped(text) : `<tspan${attributes}>${escaped(text)}</tspan>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
