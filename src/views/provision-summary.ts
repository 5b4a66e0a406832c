import type { ErrorCode } from '@agentctl/contract'
import { gravest } from '../errors/exit-codes.ts'
import { codeOfWant } from '../fleet/outcome.ts'
import { isAlive, type UnitView } from '../fleet/picture.ts'
import type { UnitRecord } from '../fleet/records.ts'
import type { ProvisionResult } from '../operations/provision.ts'
import { type InstanceJson, instanceJson } from './instances.ts'
import { shortJob, span, table } from './table.ts'

export interface ProvisionJson {
  readonly runId: string
  readonly wanted: number
  readonly done: number
  readonly failed: number
  readonly unfinished: number
  readonly machines: number
  readonly alivePeak: number
  readonly reasons: Readonly<Record<string, number>>
  readonly seconds: number
  /** Seconds from each unit's request, by phase or mark: median and longest. */
  readonly phases: Readonly<Record<string, { readonly median: number; readonly longest: number }>>
  readonly units: readonly UnitJson[]
  readonly left: readonly InstanceJson[]
  readonly exit: number
}

export interface UnitJson {
  readonly instanceId: string | null
  readonly name: string
  readonly jobId: string | null
  readonly attempt: number
  readonly phase: string
  readonly reason: string | null
  readonly detail: string | null
  readonly entered: Readonly<Record<string, number>>
  readonly marks: Readonly<Record<string, number>>
}

/** What a run of `provision` came to; `interrupted` when a signal ended it. */
export function provisionJson(result: ProvisionResult, isDetached: boolean): ProvisionJson {
  const { wants, units, runId, startedAt, now, alivePeak } = result
  const count = (...states: readonly string[]) =>
    wants.filter(({ state }) => states.includes(state.state)).length
  const ended = units.filter(view => view.unit.reason !== undefined)
  const reasons = Map.groupBy(ended, view => view.unit.reason ?? 'unknown')
  return {
    runId,
    wanted: wants.length,
    done: count('done'),
    failed: count('failed'),
    unfinished: count('open', 'refused', 'unclear', 'served'),
    machines: units.filter(view => view.unit.instanceId !== undefined).length,
    alivePeak,
    reasons: Object.fromEntries([...reasons].map(([reason, views]) => [reason, views.length])),
    seconds: (now - startedAt) / 1000,
    phases: phaseTimes(units),
    units: units.map(({ unit }) => unitJson(unit)),
    left: units.filter(view => isAlive(view) && view.instance).map(instanceJson),
    exit: exitOf(result, isDetached),
  }
}

function unitJson({
  instanceId,
  name,
  jobId,
  attempt,
  phase,
  reason,
  detail,
  entered,
  marks,
}: UnitRecord): UnitJson {
  return {
    instanceId: instanceId ?? null,
    name,
    jobId: jobId ?? null,
    attempt,
    phase,
    reason: reason ?? null,
    detail: detail ?? null,
    entered,
    marks,
  }
}

function exitOf({ wants, units, stoppedBy }: ProvisionResult, isDetached: boolean): number {
  const codes: ErrorCode[] = wants.flatMap(({ state }) => codeOfWant(state) ?? [])
  const stuck = units.some(view => isAlive(view) && view.unit.terminateAskedAt !== undefined)
  if (stuck && !isDetached) codes.push('cleanup-incomplete')
  if (stoppedBy) codes.push(stoppedBy.code)
  return gravest(codes)
}

function phaseTimes(units: readonly UnitView[]): ProvisionJson['phases'] {
  const spans = units.flatMap(({ unit }) => {
    const from = unit.entered.requested
    if (from === undefined) return []
    return Object.entries({ ...unit.marks, ...unit.entered }).map(
      ([name, at]) => [name, (at - from) / 1000] as const,
    )
  })
  const groups = [...Map.groupBy(spans, ([name]) => name)].map(([name, rows]) => {
    const sorted = rows.map(([, seconds]) => seconds).sort((a, b) => a - b)
    return [
      name,
      { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 },
    ] as const
  })
  return Object.fromEntries(
    groups.filter(([name]) => name !== 'requested').sort(([, a], [, b]) => a.median - b.median),
  )
}

/** The way of a machine, in the words of a person; `--json` has every phase and mark. */
const milestones: readonly (readonly [name: string, shown: string])[] = [
  ['booting', 'accepted'],
  ['booted', 'booted'],
  ['agent-started', 'agent started'],
  ['agent-registered', 'agent registered'],
  ['agent-ended', 'job done, agent left'],
  ['power-off', 'powered off'],
  ['gone', 'gone'],
]

function phaseTable(phases: ProvisionJson['phases']): readonly string[] {
  const rows = milestones.flatMap(([name, shown]) => {
    const times = phases[name]
    return times ? [[shown, `${times.median.toFixed(1)} s`, `${times.longest.toFixed(1)} s`]] : []
  })
  return rows.length > 0 ? ['', ...table(['SINCE REQUEST', 'MEDIAN', 'LONGEST'], rows)] : []
}

export function provisionSummary(json: ProvisionJson, owner: string): readonly string[] {
  const { wanted, done, failed, unfinished, machines, alivePeak, reasons, seconds, phases, units, left } =
    json
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`)
  const bad = units.filter(
    unit => unit.reason !== null && unit.detail !== null && unit.reason !== 'job-finished',
  )
  return [
    `${wanted} wanted: ${done} done, ${failed} failed, ${unfinished} unfinished, in ${span(seconds * 1000)}.`,
    `${machines} instances, at most ${alivePeak} at once${why.length > 0 ? `: ${why.join(', ')}` : ''}.`,
    ...phaseTable(phases),
    ...(bad.length > 0
      ? [
          '',
          ...table(
            ['JOB', 'INSTANCE', 'REASON', 'DETAIL'],
            bad
              .slice(0, 20)
              .map(unit => [
                shortJob(unit.jobId ?? undefined),
                unit.instanceId ?? '',
                unit.reason ?? '',
                unit.detail ?? '',
              ]),
          ),
        ]
      : []),
    '',
    left.length === 0
      ? 'Nothing is left behind.'
      : `Left running, each until its own deadline: ${left.map(one => one.id).join(', ')}\nTo end them: agentctl instances terminate ${left.length > 3 ? '--all' : left.map(one => one.id).join(' ')} --owner ${owner}`,
  ]
}
