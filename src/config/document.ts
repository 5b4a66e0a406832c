import type { Problem } from '@agentctl/contract'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import type { LocatedProblem } from '../errors/index.ts'
import { isMapping, type Path, parsePath } from './path.ts'

/** A place in a file; line and column count from 1. */
export type Place = Required<Omit<LocatedProblem, keyof Problem>>

/** A configuration file's content that still knows where each value stands. */
export interface ConfigDocument {
  readonly value: unknown
  /** What keeps the text from being YAML. */
  readonly problems: readonly LocatedProblem[]
  has(path: Path): boolean
  /** The place of the key or list item at `path`, or of the nearest thing around it that is written. */
  locate(path: Path | string): Place | undefined
}

/** For when there is no file. */
export const noDocument: ConfigDocument = {
  value: {},
  problems: [],
  has: () => false,
  locate: () => undefined,
}

/**
 * Reads YAML 1.2, with `<<` merges for what pools have in common.
 * @param where the file, as the person knows it
 */
export function parseConfig(text: string, where: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { where, line, column: col }
  }
  const problems = document.errors.map(error => ({
    path: '',
    message: error.message,
    ...placeAt(error.pos[0]),
  }))
  const { value, problem } = problems.length > 0 ? {} : toValue(document)
  return {
    value: value ?? {},
    problems: problem === undefined ? problems : [{ path: '', message: problem, ...placeAt(0) }],
    has: path => walk(document, path).isExact,
    locate: path => {
      const parts = typeof path === 'string' ? (parsePath(path) ?? []) : path
      const { offset } = walk(document, parts)
      return placeAt(offset ?? 0)
    },
  }
}

/** The yaml package throws here on aliases that lead nowhere, and on too many of them. */
function toValue(document: Document): { value?: unknown; problem?: string } {
  try {
    const value: unknown = document.toJS() ?? {}
    return isMapping(value) ? { value } : { problem: 'must be a mapping of keys to values' }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

interface Walked {
  readonly offset: number | undefined
  readonly isExact: boolean
}

function walk(document: Document, path: Path): Walked {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const part of path) {
    const next = step(isAlias(node) ? node.resolve(document as Document.Parsed) : node, part)
    if (!next) return { offset, isExact: false }
    offset = next.offset ?? offset
    node = next.node
  }
  return { offset, isExact: true }
}

function step(
  node: unknown,
  part: string | number,
): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) return stepIntoMap(node, String(part))
  if (!isSeq(node) || typeof part !== 'number') return undefined
  const item = node.items[part]
  return item === undefined ? undefined : { node: item, offset: (item as Node).range?.[0] }
}

function stepIntoMap(map: YAMLMap, key: string): { node: unknown; offset: number | undefined } | undefined {
  const pair = map.items.find(item => isScalar(item.key) && String(item.key.value) === key)
  return pair && { node: pair.value, offset: (pair.key as Node).range?.[0] }
}
