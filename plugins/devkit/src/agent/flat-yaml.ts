/** Words and paths without anything that YAML could read in another way. */
const plain = /^[A-Za-z_/][A-Za-z0-9_/.=@+-]*(:\d+)?$/
const wholeNumber = /^(0|-?[1-9]\d{0,14})$/
/** Tokens and job ids, which may begin with a digit; one with no letter but `e` could be a number. */
const hex = /^[0-9a-f]*[abcdf][0-9a-f]*$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const address = /^\d+\.\d+\.\d+\.\d+:\d+$/
const doubleQuoted = /^"[ !#-[\]-~]*"$/
const singleQuoted = /^'[ -&(-~]*'$/
const reserved = /^(null|true|false|yes|no|on|off|y|n)$/i

/**
 * Reads the simple part of YAML that agent configs are written in: `key: value` and lists of values. Undefined for
 * anything else, which is left to the real parser. Loading that takes as long as starting Node.
 */
export function parseFlatYaml(text: string): Map<string, unknown> | undefined {
  const found = new Map<string, unknown>()
  let list: unknown[] | undefined
  let indent = ''
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const item = /^( {2})?- (.*)$/.exec(line)
    if (item !== null) {
      const value = scalar(item[2] ?? '')
      if (list === undefined || value === undefined) return undefined
      if (list.length === 0) indent = item[1] ?? ''
      else if (indent !== (item[1] ?? '')) return undefined
      list.push(value)
      continue
    }
    if (list?.length === 0) return undefined
    list = undefined
    const [, key, rest = ''] = /^([a-z][a-z-]*):(.*)$/.exec(line) ?? []
    if (key === undefined || found.has(key) || reserved.test(key)) return undefined
    const value =
      rest === '' ? [] : rest === ' []' ? [] : rest.startsWith(' ') ? scalar(rest.slice(1)) : undefined
    if (value === undefined) return undefined
    found.set(key, value)
    if (rest === '') list = value as unknown[]
  }
  return list?.length === 0 ? undefined : found
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  if (wholeNumber.test(text)) return Number(text)
  if (doubleQuoted.test(text) || singleQuoted.test(text)) return text.slice(1, -1)
  if (reserved.test(text)) return undefined
  return [plain, hex, uuid, address].some(form => form.test(text)) ? text : undefined
}
