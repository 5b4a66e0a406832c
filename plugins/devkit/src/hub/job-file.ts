import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type JobSpec, jobSpec } from './job-spec.ts'

/** A place in a jobs file and what is wrong there. Lines and columns count from 1. */
export interface FileProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type ParsedJobs =
  | { readonly ok: true; readonly jobs: readonly JobSpec[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] }

const jobList = z.array(jobSpec)

/** Reads a jobs file; a bad one gets all of its problems at once. */
export function parseJobsFile(text: string): ParsedJobs {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map(error => ({ ...place(error.pos[0]), message: error.message })),
    }
  }
  const at = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return place(node.range[0])
    }
    return { line: 1, column: 1 }
  }
  const atKey = (path: readonly PropertyKey[], key: string) => {
    const map = document.getIn(path, true)
    const pair = isMap(map) ? map.items.find(item => isScalar(item.key) && item.key.value === key) : undefined
    const offset = pair !== undefined && isNode(pair.key) ? pair.key.range?.[0] : undefined
    return offset === undefined ? at(path) : place(offset)
  }
  const checked = jobList.safeParse(document.toJS())
  if (!checked.success) {
    const problems = checked.error.issues.flatMap(issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(key => ({
            ...atKey(issue.path, key),
            message: `${issue.path.join('.')}: unknown key "${key}"`,
          }))
        : [{ ...at(issue.path), message: describe(issue) }],
    )
    return { ok: false, problems: problems.sort(byPlace) }
  }
  const twice = repeatedIds(checked.data).map(index => ({
    ...at([index, 'id']),
    message: `${index}.id: used by an earlier job`,
  }))
  return twice.length > 0 ? { ok: false, problems: twice } : { ok: true, jobs: checked.data }
}

function byPlace(left: FileProblem, right: FileProblem): number {
  return left.line - right.line || left.column - right.column
}

function describe(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return issue.path.length === 0
    ? `${issue.message}: a list of jobs`
    : `${issue.path.join('.')}: ${issue.message}`
}

function repeatedIds(jobs: readonly JobSpec[]): number[] {
  return jobs.flatMap(({ id }, index) =>
    id !== undefined && jobs.findIndex(other => other.id === id) < index ? [index] : [],
  )
}

export function showProblems(path: string, problems: readonly FileProblem[]): string {
  return problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n')
}
