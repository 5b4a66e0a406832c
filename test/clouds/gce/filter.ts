import { invalid } from './answers.ts'

type Fields = Readonly<Record<string, unknown>>

/** The part of Google's filter language that is `field=value`, with AND, OR and parentheses around clauses. */
export function filterOf(text: string | null): (value: Fields) => boolean {
  if (!text) return () => true
  const clauses = text.split(/\s+AND\s+/).map(clause => {
    const options = clause.split(/\s+OR\s+/).map(option => {
      const plain = option.trim().replace(/^\(+/, '').replace(/\)+$/, '')
      const [, path, wanted] = /^([\w.-]+)\s*=\s*"?([^"]*)"?$/.exec(plain) ?? []
      if (path === undefined || wanted === undefined)
        throw invalid(`Invalid value for field 'filter': '${text}'.`)
      return (value: Fields) => read(value, path) === wanted
    })
    return (value: Fields) => options.some(option => option(value))
  })
  return value => clauses.every(clause => clause(value))
}

function read(value: Fields, path: string): unknown {
  // A label's name may hold dots and dashes, so what follows the first dot is one key.
  const [first = '', ...rest] = path.split('.')
  const found = value[first]
  if (rest.length === 0) return found === undefined ? undefined : String(found)
  return (found as Fields | undefined)?.[rest.join('.')]
}
