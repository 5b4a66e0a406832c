import { contractError } from '@agentctl/contract'
import { Flags } from '@oclif/core'
import { parseDuration } from '../config/duration.ts'

/** How far back a command looks. */
export const sinceFlag = Flags.string({
  summary: 'How far back: a duration such as 24h or 14d, or a time such as 2026-11-26 or 2026-11-26T08:00Z',
  helpValue: 'WHEN',
  default: '7d',
})

/** Milliseconds since the epoch. @throws `invalid-spec` for what is neither a duration nor a time before now */
export function sinceOf(text: string, now: number): number {
  const ms = parseDuration(text)
  const at = ms === undefined ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : now - ms
  if (at < now) return at
  throw contractError('invalid-spec', `--since ${text} is no time before now`, {
    hint: 'Write a duration such as 24h or 14d, or a time such as 2026-11-26.',
  })
}
