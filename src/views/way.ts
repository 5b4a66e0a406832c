import type { Way } from '../history/way.ts'
import { isoOf } from './report/text.ts'
import { span, table } from './table.ts'

/** For programs: times in milliseconds since the epoch. */
export type WayJson = Way

/** Lines of a console that are shown. */
const consoleLines = 10

export function wayLines({ jobId, agentType, summary, steps, machines }: Way): readonly string[] {
  const hasSeveral = machines.length > 1
  const rows = steps.map(({ at, afterMs, attempt, what, until }) => [
    isoOf(at),
    span(afterMs),
    `${hasSeveral && attempt !== undefined ? `attempt ${attempt}: ` : ''}${what}${until === undefined ? '' : `, for ${span(until - at)}`}`,
  ])
  const failed = machines.findLast(life => life.consoleTail !== undefined && life.reason !== 'job-finished')
  const console = failed?.consoleTail?.trimEnd().split('\n').slice(-consoleLines) ?? []
  return [
    `Job ${jobId}${agentType === undefined ? '' : ` of ${agentType}`}: ${summary}`,
    ...(rows.length > 0 ? ['', ...table(['TIME', 'AFTER', 'WHAT'], rows)] : []),
    ...(console.length > 0 ? ['', `The console of ${failed?.instanceId ?? failed?.name} ended with:`] : []),
    ...console.map(line => `  | ${line}`),
  ]
}
