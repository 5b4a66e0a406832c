import { randomBytes } from 'node:crypto'
import type { Random } from '@agentctl/contract'

export const systemRandom: Random = { next: () => Math.random() }

/** A name for one run of the controller; never derived from anything, so that two runs never share one. */
export function newRunId(): string {
  return randomBytes(8).toString('hex')
}
