import type { JobRecord, QueueSample } from '../fleet/records.ts'
import type { Life } from './life.ts'
import type { Span } from './money.ts'

export const levelKinds = ['booting', 'online', 'ending'] as const
export type LevelKind = (typeof levelKinds)[number]

/** From some time on there are so many more, or fewer. */
interface Change<Kind> {
  readonly at: number
  readonly kind: Kind
  readonly by: number
}

/** What was there at once in each of equally long parts of a span, at the part's fullest moment. */
export interface Levels {
  /** Jobs that waited: by the hub's count, or those that are known where none was written down. */
  readonly queued: readonly number[]
  /** Machines without an agent yet, with one, and on their way down. */
  readonly machines: readonly Readonly<Record<LevelKind, number>>[]
}

export function levelsOf(
  lives: readonly Life[],
  { queues, jobs }: { readonly queues: readonly QueueSample[]; readonly jobs: readonly JobRecord[] },
  span: Span,
  parts: number,
): Levels {
  const queue = queues.length > 0 ? queueChanges(queues) : jobs.flatMap(jobChanges)
  return {
    queued: fullest(queue, ['queued'], span, parts).map(({ queued }) => queued),
    machines: fullest(lives.flatMap(machineChanges), levelKinds, span, parts),
  }
}

/** When it had stopped being of use. */
export function downAt({ jobFinished, poweredOff, gone }: Life['times']): number | undefined {
  return jobFinished ?? poweredOff ?? gone
}

function machineChanges({ times }: Life): readonly Change<LevelKind>[] {
  const { accepted, registered, gone } = times
  const down = downAt(times)
  const during = (kind: LevelKind, from: number | undefined, to: number | undefined) =>
    from === undefined
      ? []
      : [{ at: from, kind, by: 1 }, ...(to === undefined ? [] : [{ at: Math.max(from, to), kind, by: -1 }])]
  if (accepted === undefined) return []
  return [
    ...during('booting', accepted, registered ?? down),
    ...during('online', registered, down),
    ...during('ending', down === undefined ? undefined : Math.max(accepted, down), gone),
  ]
}

function queueChanges(queues: readonly QueueSample[]): readonly Change<'queued'>[] {
  const last = new Map<string, number>()
  return queues.map(({ agentType, at, queued }) => {
    const by = queued - (last.get(agentType) ?? 0)
    last.set(agentType, queued)
    return { at, kind: 'queued', by }
  })
}

function jobChanges({ queuedAt, leftAt }: JobRecord): readonly Change<'queued'>[] {
  const came = { at: queuedAt, kind: 'queued' as const, by: 1 }
  return leftAt === undefined ? [came] : [came, { at: Math.max(queuedAt, leftAt), kind: 'queued', by: -1 }]
}

function fullest<Kind extends string>(
  changes: readonly Change<Kind>[],
  kinds: readonly Kind[],
  { from, to }: Span,
  parts: number,
): readonly Record<Kind, number>[] {
  const moments = [...Map.groupBy(changes, change => change.at)].sort(([a], [b]) => a - b)
  const partMs = Math.max(1, to - from) / parts
  let level = Object.fromEntries(kinds.map(kind => [kind, 0])) as Record<Kind, number>
  let next = 0
  return Array.from({ length: parts }, (_, part) => {
    let most = level
    const end = part === parts - 1 ? Number.POSITIVE_INFINITY : from + (part + 1) * partMs
    for (let moment = moments[next]; moment && moment[0] < end; moment = moments[++next]) {
      level = { ...level }
      for (const { kind, by } of moment[1]) level[kind] += by
      if (moment[0] <= from || totalOf(level) > totalOf(most)) most = level
    }
    return most
  })
}

export function totalOf(level: Readonly<Record<string, number>>): number {
  return Object.values(level).reduce((sum, count) => sum + count, 0)
}
