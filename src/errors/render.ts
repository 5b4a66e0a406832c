import type { ContractError, ErrorCode } from '@agentctl/contract'
import { exitCodeOf } from './exit-codes.ts'
import { type LocatedProblem, placeOf } from './problem.ts'
import { redact } from './redact.ts'

/** What `--json` prints under `error`. No stack and no cause: they may hold what was sent. */
export interface ErrorJson {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly fault?: string
  readonly problems: readonly LocatedProblem[]
  /** What the process exits with. */
  readonly exit: number
}

/** Lines for a person: what failed and on what, the cloud's words, every problem with its place, what to do next. */
export function renderError(error: ContractError): readonly string[] {
  const lines = [
    `Error: ${error.message}`,
    ...(error.fault === undefined ? [] : [`  In its own words: ${error.fault}`]),
    ...(error.problems ?? []).map(renderProblem),
    ...(error.hint === undefined ? [] : [`Next: ${error.hint}`]),
  ]
  return lines.map(line => redact(line))
}

function renderProblem(problem: LocatedProblem): string {
  const place = placeOf(problem)
  const subject = problem.path === '' ? '' : `${problem.path}: `
  return `  ${place === '' ? '' : `${place}  `}${subject}${problem.message}`
}

export function errorJson(error: ContractError): ErrorJson {
  const problems: readonly LocatedProblem[] = error.problems ?? []
  return {
    code: error.code,
    message: redact(error.message),
    ...(error.hint !== undefined && { hint: redact(error.hint) }),
    ...(error.fault !== undefined && { fault: redact(error.fault) }),
    problems: problems.map(problem => ({ ...problem, message: redact(problem.message) })),
    exit: exitCodeOf(error),
  }
}
