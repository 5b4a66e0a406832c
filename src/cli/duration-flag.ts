import { contractError } from '@agentctl/contract'
import { parseDuration } from '../config/index.ts'

/** A flag's duration in milliseconds, more than none. @throws `invalid-spec` */
export function durationFlag(flag: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw contractError('invalid-spec', `--${flag} ${text} is no duration`, { hint: 'Write 55s, 2m or 1h.' })
}
