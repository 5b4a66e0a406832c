/** Markup that is safe as it stands. */
export interface Html {
  readonly markup: string
}

type Value = Html | string | number | readonly Html[]

/** The one place where text becomes markup: in content as in quoted attributes. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** Markup with values in it, each escaped unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: String.raw({ raw: parts }, ...values.map(markupOf)) }
}

function markupOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  return Array.isArray(value) ? value.map(markupOf).join('') : (value as Html).markup
}

/** For text that is ours from beginning to end, such as a style sheet. */
export function trusted(markup: string): Html {
  return { markup }
}
