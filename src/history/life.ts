import { scopeKey } from '@agentctl/contract'
import type { JobRecord, LaunchRecord, Refused, UnitRecord } from '../fleet/records.ts'

/** The way of a machine, in this order; each in milliseconds since the epoch, as far as it is known. */
export const steps = [
  'wanted',
  'decided',
  'accepted',
  'booted',
  'agentStarted',
  'registered',
  'jobTaken',
  'jobFinished',
  'poweredOff',
  'gone',
] as const
export type Step = (typeof steps)[number]

/** One unit from the wish for it to its end: flat, for people and programs to look back at. */
export interface Life {
  readonly launchId: string
  readonly index: number
  /** Of its agent. */
  readonly name: string
  readonly jobId?: string
  readonly agentType: string
  readonly pool: string
  readonly provider: string
  /** `account/region` */
  readonly scope: string
  readonly offering: string
  readonly instanceType: string
  readonly market: string
  /** In US dollars an hour, where the provider told it. */
  readonly pricePerHour?: number
  readonly instanceId?: string
  readonly attempt: number
  /** Calls that it took. */
  readonly tries: number
  readonly times: Readonly<Partial<Record<Step, number>>>
  readonly phase: string
  readonly expiresAt: number
  readonly why?: string
  readonly reason?: string
  readonly detail?: string
  readonly errorCode?: string
  readonly fault?: string
  readonly refusals: readonly Refused[]
  readonly consoleTail?: string
}

/** A unit's life as its records tell it; `job` tells since when it was waited for. */
export function lifeOf(unit: UnitRecord, launch: LaunchRecord, job: JobRecord | undefined): Life {
  const { offering } = launch
  const said = (key: 'reason' | 'detail' | 'errorCode' | 'fault' | 'instanceId' | 'jobId' | 'consoleTail') =>
    unit[key] === undefined ? {} : { [key]: unit[key] }
  return {
    launchId: unit.launchId,
    index: unit.index,
    name: unit.name,
    ...said('jobId'),
    agentType: launch.agentType,
    pool: launch.pool,
    provider: launch.provider,
    scope: scopeKey(offering.scope),
    offering: offering.id,
    instanceType: offering.type,
    market: offering.market,
    ...(offering.pricePerHour !== undefined && { pricePerHour: offering.pricePerHour }),
    ...said('instanceId'),
    attempt: unit.attempt,
    tries: launch.tries,
    times: timesOf(unit, launch, job),
    phase: unit.phase,
    expiresAt: launch.expiresAt,
    ...(launch.why !== undefined && { why: launch.why }),
    ...said('reason'),
    ...said('detail'),
    ...said('errorCode'),
    ...said('fault'),
    refusals: launch.refusals ?? [],
    ...said('consoleTail'),
  }
}

/** What was reported twice counts by the machine's own word, which is the more exact one. */
function timesOf(unit: UnitRecord, launch: LaunchRecord, job: JobRecord | undefined): Life['times'] {
  const { entered, marks, instanceId, jobId } = unit
  const registered = marks['agent-registered'] ?? entered.online
  // A bound agent is given its job as it registers.
  const taken = jobId === undefined ? unit.busyAt : (registered ?? unit.busyAt)
  const hasFinished = unit.reason === 'job-finished' || (unit.reason === 'unknown' && taken !== undefined)
  const times: Partial<Record<Step, number | undefined>> = {
    wanted: job?.queuedAt,
    decided: launch.intendedAt,
    accepted: instanceId === undefined ? undefined : (launch.acceptedAt ?? entered.booting),
    booted: marks.booted,
    agentStarted: marks['agent-started'],
    registered,
    jobTaken: taken,
    jobFinished: hasFinished ? (marks['agent-ended'] ?? entered.draining ?? unit.stoppedAt) : undefined,
    poweredOff: unit.stoppedAt ?? marks['power-off'],
    gone: entered.gone,
  }
  return Object.fromEntries(Object.entries(times).filter(([, at]) => at !== undefined))
}

/** Lives of these records, the first decided first. */
export function livesOf({
  units,
  launches,
  jobs,
}: {
  readonly units: readonly UnitRecord[]
  readonly launches: readonly LaunchRecord[]
  readonly jobs: readonly JobRecord[]
}): readonly Life[] {
  const launchOf = new Map(launches.map(launch => [launch.launchId, launch]))
  const jobOf = new Map(jobs.map(job => [job.jobId, job]))
  return units
    .flatMap(unit => {
      const launch = launchOf.get(unit.launchId)
      return launch ? [lifeOf(unit, launch, jobOf.get(unit.jobId ?? ''))] : []
    })
    .sort((a, b) => (a.times.decided ?? 0) - (b.times.decided ?? 0))
}
