import { heldUntil } from '../fleet/holds.ts'
import type { UnitView } from '../fleet/picture.ts'
import { shortJob, span, table } from './table.ts'

/** One instance, for programs. Times in milliseconds since the epoch. */
export interface InstanceJson {
  readonly id: string
  readonly provider: string
  readonly scope: string
  readonly pool: string
  readonly agentType: string
  readonly phase: string
  readonly state: string
  readonly agent: string
  readonly name: string
  readonly jobId: string | null
  readonly attempt: number
  readonly launchId: string
  readonly createdAt: number | null
  readonly expiresAt: number
  /** Kept for debugging until then, by a person or by its own guest. */
  readonly holdUntil: number | null
  readonly reason: string | null
}

export function instanceJson(view: UnitView): InstanceJson {
  const { unit, launch, instance, agent } = view
  return {
    id: instance?.id ?? '',
    provider: launch.provider,
    scope: instance ? `${instance.scope.account}/${instance.scope.region}` : '',
    pool: launch.pool,
    agentType: launch.agentType,
    phase: unit.phase,
    state: instance?.state ?? 'unknown',
    agent,
    name: unit.name,
    jobId: unit.jobId ?? null,
    attempt: unit.attempt,
    launchId: launch.launchId,
    createdAt: instance?.createdAt ?? null,
    expiresAt: instance?.ownership.expiresAt ?? launch.expiresAt,
    holdUntil: heldUntil(view) || null,
    reason: unit.reason ?? null,
  }
}

export function instanceTable(views: readonly UnitView[], now: number): readonly string[] {
  if (views.length === 0) return ['No instances.']
  const rows = views.map(view => {
    const { id, pool, provider, phase, jobId, createdAt, expiresAt, holdUntil, reason } = instanceJson(view)
    const age = createdAt === null ? '' : span(now - createdAt)
    return [
      id,
      pool,
      provider,
      phase,
      shortJob(jobId ?? undefined),
      age,
      span(expiresAt - now),
      heldFor(holdUntil, now),
      reason ?? '',
    ]
  })
  return table(
    ['INSTANCE', 'POOL', 'PROVIDER', 'PHASE', 'JOB', 'AGE', 'EXPIRES IN', 'HELD FOR', 'REASON'],
    rows,
  )
}

function heldFor(holdUntil: number | null, now: number): string {
  return holdUntil === null || holdUntil <= now ? '' : span(holdUntil - now)
}

export function instanceDetails(view: UnitView, now: number): readonly string[] {
  const shown = instanceJson(view)
  const at = (ms: number | null) =>
    ms === null ? '' : `${new Date(ms).toISOString()} (${span(Math.abs(now - ms))})`
  const times = Object.entries({ ...view.unit.entered, ...view.unit.marks }).sort(([, a], [, b]) => a - b)
  return [
    ...table(
      ['', ''],
      [
        ...Object.entries(shown).map(([key, value]) => [
          key,
          key.endsWith('At') || key === 'holdUntil' ? at(value as number | null) : String(value ?? ''),
        ]),
        ...(view.unit.detail ? [['detail', view.unit.detail]] : []),
      ],
    ).slice(1),
    '',
    ...table(
      ['PHASE OR MARK', 'ENTERED'],
      times.map(([name, ms]) => [name, new Date(ms).toISOString()]),
    ),
  ]
}
