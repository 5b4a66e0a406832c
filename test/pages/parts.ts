/** The parts of a page that come from the code: name to text. */
export type Parts = Readonly<Record<string, string>>

/**
 * The page with each part between its marks, `<!-- spec: … -->` and `<!-- /spec -->`, made new. Pure.
 * @throws where the page has no place for a part, or has marks of none
 */
export function withParts(page: string, parts: Parts): string {
  const marked = [...page.matchAll(/^<!-- (\w+): /gm)].map(([, name = '']) => name)
  const strays = marked.filter(name => parts[name] === undefined)
  const missing = Object.keys(parts).filter(name => !marked.includes(name))
  if (strays.length > 0 || missing.length > 0)
    throw new Error(
      `no part for the marks: ${strays.join(', ')}; no marks for the parts: ${missing.join(', ')}`,
    )
  return Object.entries(parts).reduce((text, [name, part]) => {
    const between = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- /${name} -->)`)
    return text.replace(between, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`)
  }, page)
}
