import type { ErrorCode } from '@agentctl/contract'
import type { Want } from './actions.ts'
import { isHeldAfterwards } from './holds.ts'
import { isAlive, type Picture, type UnitView } from './picture.ts'
import type { Policy } from './policy.ts'
import { isCutShort, verdictOf } from './reasons.ts'
import type { UnitRecord } from './records.ts'

/**
 * Where a want stands. `served`: a machine is there or on its way. `done`: it ran, or nobody wants it any more.
 * `open`: it should get a machine. `refused`: the hub lists its job and did not grant it. `failed`: its attempts are
 * spent. `unclear`: the queue has to be read before more can be said.
 */
export type WantState =
  | { readonly state: 'served'; readonly view: UnitView }
  | { readonly state: 'done'; readonly unit: UnitRecord }
  | {
      readonly state: 'open'
      readonly attempt: number
      readonly failures: number
      readonly last?: UnitRecord
    }
  | {
      readonly state: 'refused'
      readonly attempt: number
      readonly failures: number
      readonly last: UnitRecord
    }
  | { readonly state: 'failed'; readonly unit: UnitRecord; readonly failures: number }
  | { readonly state: 'unclear'; readonly unit: UnitRecord }

/** Losing a race for capacity is not a failure of the machine, so it spends no attempt. */
const sparing: readonly ErrorCode[] = ['capacity-unavailable', 'quota-exceeded', 'launch-spent', 'conflict']

export function isFailure(unit: UnitRecord): boolean {
  if (unit.reason === undefined || verdictOf(unit.reason) !== 'failed') return false
  return unit.errorCode === undefined || !sparing.includes(unit.errorCode)
}

/** Every want's state; `attemptsMax`: failures that end one. */
export function wantStates(
  wants: readonly Want[],
  picture: Picture,
  attemptsMax: (want: Want) => number,
): readonly { readonly want: Want; readonly state: WantState }[] {
  const views = Map.groupBy(picture.units, view => view.unit.want)
  const queues = listedJobs(picture)
  return wants.map(want => ({
    want,
    state: wantState(want, views.get(want.key) ?? [], listedIn(queues, want), attemptsMax(want)),
  }))
}

type Listed = 'yes' | 'no' | 'unknown'

function wantState(want: Want, views: readonly UnitView[], listed: Listed, attemptsMax: number): WantState {
  const live = views.find(view => isAlive(view) && !isHeldAfterwards(view))
  if (live) return { state: 'served', view: live }

  const units = views.map(view => view.unit).sort((a, b) => a.attempt - b.attempt)
  const last = units.at(-1)
  if (!last) return { state: 'open', attempt: 1, failures: 0 }

  const attempt = last.attempt + 1
  const recent = units.filter(unit => isRecent(unit, want.since ?? 0))
  if (!recent.includes(last)) return { state: 'open', attempt, failures: 0, last }

  const isLeftWaiting = (unit: UnitRecord) => want.isStanding === true && listed === 'yes' && isUnserved(unit)
  const isSpent = (unit: UnitRecord) => unit.reason !== 'cancelled' && isLeftWaiting(unit)
  const failures = recent.filter(unit => isFailure(unit) || isSilentFailure(unit) || isSpent(unit)).length
  const done = recent.find(unit => isDone(unit) && !isLeftWaiting(unit))
  if (done) return { state: 'done', unit: done }

  // A job that is not listed was taken or cancelled: another machine for it could only stand idle.
  if (listed === 'no') {
    return hasRun(last) && (isFailure(last) || isCutShort(last.reason ?? 'unknown'))
      ? { state: 'failed', unit: last, failures }
      : { state: 'done', unit: last }
  }
  if (failures >= attemptsMax) return { state: 'failed', unit: last, failures }
  if (listed === 'unknown' && !isFailureBeforeRun(last)) return { state: 'unclear', unit: last }
  if (last.reason === 'not-needed') {
    return want.jobId === undefined
      ? { state: 'done', unit: last }
      : { state: 'refused', attempt, failures, last }
  }
  // Nobody can say whether it took a job; another machine each time that nobody can would never end.
  if (want.jobId === undefined && (hasRun(last) || last.reason === 'unknown'))
    return { state: 'done', unit: last }
  return { state: 'open', attempt, failures, last }
}

function isDone({ reason }: UnitRecord): boolean {
  return reason !== undefined && verdictOf(reason) === 'done'
}

/** It went away without having run anything: a job that still waits wants another machine. */
function isUnserved({ reason }: UnitRecord): boolean {
  return reason === 'idle' || reason === 'requested' || reason === 'cancelled'
}

function hasRun(unit: UnitRecord): boolean {
  return unit.entered.online !== undefined
}

/** It ended without a word and was never online: where its job still waits, that is a failure. */
function isSilentFailure(unit: UnitRecord): boolean {
  return unit.reason === 'unknown' && !hasRun(unit)
}

/** What an earlier command called off is its own affair, although the machine went after this one had begun. */
function isRecent(unit: UnitRecord, since: number): boolean {
  const isCalledOff = unit.reason === 'cancelled' && (unit.entered.terminating ?? since) < since
  return endedAt(unit) >= since && !isCalledOff
}

function endedAt({ entered }: UnitRecord): number {
  return entered.gone ?? Number.POSITIVE_INFINITY
}

/** It never had a working agent, so its job cannot have been started by it. Under a spent launch id there were machines. */
function isFailureBeforeRun(unit: UnitRecord): boolean {
  if (unit.errorCode === 'launch-spent' || unit.errorCode === 'conflict') return false
  return unit.reason === 'launch-failed' || (isFailure(unit) && !hasRun(unit))
}

interface ListedJobs {
  readonly ids: ReadonlySet<string>
  /** The list holds at most 500: of a longer queue it says who waits, and not who does not. */
  readonly isComplete: boolean
}

function listedJobs({ queues }: Picture): ReadonlyMap<string, ListedJobs> {
  return new Map(
    [...queues].flatMap(([type, queue]): [string, ListedJobs][] => {
      if (queue.state === 'unknown') return []
      const { jobIds, queuedCount } = queue.value
      return [[type, { ids: new Set(jobIds), isComplete: queuedCount <= jobIds.length }]]
    }),
  )
}

function listedIn(queues: ReadonlyMap<string, ListedJobs>, { agentType, jobId }: Want): Listed {
  if (jobId === undefined) return 'yes'
  const jobs = queues.get(agentType)
  if (jobs?.ids.has(jobId)) return 'yes'
  return jobs?.isComplete ? 'no' : 'unknown'
}

/** A want has as many attempts as the most patient of its type's pools allows. */
export function attemptsMaxOf(policy: Policy): (want: Want) => number {
  return ({ agentType }) => {
    const pools = policy.agentTypes.get(agentType)?.pools ?? []
    return Math.max(1, ...pools.map(name => policy.pools.get(name)?.attemptsMax ?? 1))
  }
}
