import { isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { parsePath } from './path.ts'

export type SetValue =
  | { readonly path: readonly string[]; readonly value: unknown }
  | { readonly problem: string }

/**
 * One `--set KEY=VALUE`: dots in the key go deeper, as in `image.name=x`, and the value is a YAML scalar, or a list or
 * mapping in brackets: `types=[c7i.large, m7i.large]`. A text that is neither is taken as it stands.
 */
export function parseSet(text: string): SetValue {
  const equals = text.indexOf('=')
  if (equals < 1) return { problem: 'must be KEY=VALUE' }
  const path = parsePath(text.slice(0, equals))
  if (!path?.every(part => typeof part === 'string'))
    return { problem: 'must be KEY=VALUE, the key made of words and dots' }
  const written = text.slice(equals + 1)
  const value = parseValue(written)
  return value === undefined
    ? { problem: `the value of ${text.slice(0, equals)} is not valid YAML or JSON` }
    : { path, value: value.value }
}

function parseValue(text: string): { readonly value: unknown } | undefined {
  const document = parseDocument(text)
  const { contents, errors } = document
  if (isMap(contents) || isSeq(contents)) {
    if (!/^\s*[[{]/.test(text)) return { value: text }
    return errors.length > 0 ? undefined : { value: document.toJS() as unknown }
  }
  if (errors.length > 0 || !isScalar(contents)) return /^\s*[[{]/.test(text) ? undefined : { value: text }
  // A plain text would lose what looks like a comment.
  const isPlainText = contents.type === 'PLAIN' && typeof contents.value === 'string'
  return { value: isPlainText ? text : contents.value }
}
