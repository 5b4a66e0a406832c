/** The sections of an AWS file, each with its keys; what is not of the form `key = value` is passed over. Pure. */
export function iniSections(text: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const sections = new Map<string, Record<string, string>>()
  let current: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const name = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1]
    const [, key, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined) {
      current = sections.get(name) ?? {}
      sections.set(name, current)
    } else if (key !== undefined && value !== undefined) current[key] = value
  }
  return sections
}
