import type { Problem } from '@agentctl/contract'

/** A problem that knows where a person wrote what is wrong. */
export interface LocatedProblem extends Problem {
  /** A file's path as the person knows it, a flag such as `--owner`, or a variable's name. */
  readonly where?: string
  /** In a file; from 1. */
  readonly line?: number
  /** In a file; from 1, in UTF-16 units. */
  readonly column?: number
}

/** `agentctl.yml:3:5`, `--owner`, or empty. */
export function placeOf({ where, line, column }: Omit<LocatedProblem, 'path' | 'message'>): string {
  return [where, line, column].filter(part => part !== undefined).join(':')
}
