/** Where something stands in a configuration: keys, and positions in lists. */
export type Path = readonly (string | number)[]

/** Makes paths within one section. */
export type At = (...rest: Path) => Path

const plain = /^[A-Za-z0-9_-]+$/

/** `pools.linux.spec.types[0]`; a key that would not read so is quoted: `spec["a.b"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!plain.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** The path of {@link formatPath}, or undefined when `text` is none. */
export function parsePath(text: string): Path | undefined {
  if (text === '') return []
  const step = /(?:^|\.)([A-Za-z0-9_-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  const path: (string | number)[] = []
  while (step.lastIndex < text.length) {
    const found = step.exec(text)
    if (!found) return undefined
    const [, key, index, quoted] = found
    if (key !== undefined) path.push(key)
    else if (index !== undefined) path.push(Number(index))
    else path.push(unquoted(quoted ?? ''))
  }
  return path
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return text
  }
}

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The mapping itself, or an empty one: what is of the wrong kind has its problem told elsewhere. */
export function mappingOf(value: unknown): Mapping {
  return isMapping(value) ? value : {}
}

/** `root` with `value` at `path`, which has keys only; whatever stands in the way is replaced. */
export function withValue(root: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const own = new Map(Object.entries(mappingOf(root)))
  own.set(key, withValue(own.get(key), rest, value))
  return Object.fromEntries(own)
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)]
    return isMapping(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }, root)
}
