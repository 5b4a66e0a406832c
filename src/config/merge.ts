import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { isMapping, type Mapping } from './path.ts'

/**
 * A configuration's text with `piece` laid over it: keys are added or set, list items that name the same thing are
 * replaced, others appended; comments and everything else stay as they are.
 * List items are the same when they are variables of one name, or mappings with one `path`.
 */
export function mergeConfig(text: string, piece: Mapping): string {
  const document = parseDocument(text)
  mergeInto(document, [], piece)
  return document.toString({ lineWidth: 0 })
}

function mergeInto(document: Document, at: readonly string[], piece: Mapping): void {
  for (const [key, value] of Object.entries(piece)) {
    const path = [...at, key]
    if (isMapping(value) && isMap(document.getIn(path))) mergeInto(document, path, value)
    else if (Array.isArray(value) && isSeq(document.getIn(path))) mergeList(document, path, value)
    else document.setIn(path, document.createNode(value))
  }
}

function mergeList(document: Document, path: readonly string[], items: readonly unknown[]): void {
  for (const item of items) {
    const list = document.getIn(path)
    const before = isSeq(list) ? (list.toJS(document) as unknown[]) : []
    const index = before.findIndex(one => nameOf(one) === nameOf(item))
    document.setIn([...path, index < 0 ? before.length : index], document.createNode(item))
  }
}

function nameOf(item: unknown): unknown {
  return isMapping(item) ? item.path : String(item).split('=')[0]
}
