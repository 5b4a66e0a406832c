import { type ContractError, hasCode, type LaunchRequest, type LaunchResult } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import type { Launch, Resume, Settle } from '../fleet/actions.ts'
import { type PoolPolicy, stockOutMs } from '../fleet/policy.ts'
import { isSurelyRefused, type Refusal, refusalOf } from '../fleet/reactions.ts'
import type { LaunchRecord, UnitRecord } from '../fleet/records.ts'
import { backoffMs } from './backoff.ts'
import type { Engine } from './deps.ts'
import { callLaunch, intend, requestOf } from './launching.ts'
import { noteWait } from './note-jobs.ts'

/** Set when no further launch can succeed before a person has done something. */
export type Fatal = ContractError | undefined

export async function actLaunch(engine: Engine, action: Launch, pool: PoolPolicy): Promise<Fatal> {
  const isAway = (why: string) => noteWait(engine, action.wants, { code: 'away', why })
  const intended = await unlessAway(engine, pool, () => intend(engine, action, pool), isAway)
  // No launch is written yet: the next tick plans it anew. From here to the admission nothing may be waited for, or
  // the launches of one tick would not see each other there.
  if (!intended) return undefined
  if (!hasRoomFor(engine, intended.record)) {
    const why = `${pool.provider} takes no more launches now: its rate is used up`
    noteWait(engine, action.wants, { code: 'rate', why })
    return undefined
  }
  const { record, units, request } = intended
  engine.journal.save({ launches: [record], units })
  engine.log.info('Launching', {
    pool: pool.name,
    units: units.length,
    offering: record.offering.id,
    why: action.why,
  })
  return call(engine, record, units, request, pool)
}

export async function actResume(engine: Engine, { launch, why }: Resume, pool: PoolPolicy): Promise<Fatal> {
  const { journal, log, runId } = engine
  const request = await unlessAway(engine, pool, () => requestOf(engine, launch, pool))
  if (!request || !hasRoomFor(engine, launch)) return undefined
  log.info('Repeating a launch', { pool: pool.name, launch: launch.launchId, why })
  return call(engine, { ...launch, runId }, journal.unitsIn(launch.launchId), request, pool)
}

function hasRoomFor({ admission }: Engine, { provider, offering }: LaunchRecord): boolean {
  return admission.hasRoom(provider, offering.scope, 'launch')
}

/** Undefined where a request cannot be made now, such as without an answer about credentials: the next tick tries again. */
async function unlessAway<T>(
  { log }: Engine,
  pool: PoolPolicy,
  make: () => Promise<T>,
  told: (why: string) => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await make()
  } catch (error) {
    if (!hasCode(error, 'unavailable', 'rate-limited')) throw error
    log.warn('A launch has to wait', { pool: pool.name, code: error.code, why: error.message })
    told(error.message)
    return undefined
  }
}

export function actSettle({ journal, log, clock }: Engine, { launch, why }: Settle): void {
  log.info('Gave up a launch', { launch: launch.launchId, why })
  const { code = 'unavailable', message = why } = launch.lastError ?? {}
  journal.save(settled(launch, journal.unitsIn(launch.launchId), { code, message }, clock.now()))
}

async function call(
  engine: Engine,
  before: LaunchRecord,
  units: readonly UnitRecord[],
  request: LaunchRequest,
  pool: PoolPolicy,
): Promise<Fatal> {
  const { clock, journal } = engine
  let record: LaunchRecord = { ...before, digest: request.digest }
  const onSend = () => {
    record = { ...record, tries: record.tries + 1 }
    journal.save({ launches: [{ ...record, doubtedAt: clock.now() }] })
  }
  let result: LaunchResult
  try {
    result = await callLaunch(engine, record, request, onSend)
  } catch (thrown) {
    return refuse(engine, record, units, refusalOf(thrown), pool)
  }
  try {
    accept(engine, record, units, result, pool)
  } catch (error) {
    // On disk it is one in doubt, so that its id is repeated.
    const why = messageOf(error)
    engine.log.warn('A launch was accepted, and is not written down', { launch: record.launchId, why })
  }
  return undefined
}

function accept(
  engine: Engine,
  record: LaunchRecord,
  units: readonly UnitRecord[],
  { instances, shortfall }: LaunchResult,
  pool: PoolPolicy,
): void {
  const now = engine.clock.now()
  const ids = new Map(instances.map(instance => [instance.unitIndex, instance.id]))
  if (shortfall) remember(engine, record, refusalOf(shortfall), pool)
  engine.journal.save({
    launches: [{ ...record, state: 'accepted', acceptedAt: now }],
    units: units.map(unit => {
      const instanceId = ids.get(unit.index)
      if (instanceId === undefined) return missing(unit, record, shortfall, now)
      return { ...unit, instanceId, phase: 'booting', entered: { ...unit.entered, booting: now } }
    }),
  })
}

/** After a doubt the answer may come from a list that lags: then the lists to come say whether the unit is there. */
function missing(
  unit: UnitRecord,
  { doubtedAt }: LaunchRecord,
  { code, message }: Words = { code: 'unavailable', message: 'It did not come' },
  now: number,
): UnitRecord {
  if (doubtedAt === undefined && code !== 'launch-spent') return failed(unit, { code, message }, now)
  return { ...unit, phase: 'booting', errorCode: code, entered: { ...unit.entered, booting: now } }
}

type Words = Pick<Refusal, 'code' | 'message'>

function refuse(
  engine: Engine,
  before: LaunchRecord,
  units: readonly UnitRecord[],
  refusal: Refusal,
  pool: PoolPolicy,
): Fatal {
  const { code, message, reaction, error } = refusal
  const record = withRefusal(before, refusal, engine.clock.now())
  engine.log.warn('A launch was refused', { pool: pool.name, launch: record.launchId, code, why: message })
  remember(engine, record, refusal, pool)
  const now = engine.clock.now()
  if (isStillOpen(record, refusal)) {
    const nextTryAt = now + (refusal.retryAfterMs ?? backoffMs(record.tries, engine.random))
    const doubt = isSurelyRefused(code) ? {} : { doubtedAt: now }
    engine.journal.save({ launches: [{ ...record, ...doubt, nextTryAt, lastError: { code, message } }] })
  } else if (reaction === 'next-attempt') {
    // There were machines: what is left of them counts until the lists no longer show it.
    accept(engine, record, units, { instances: [], ...(error && { shortfall: error }) }, pool)
  } else {
    engine.journal.save(settled(record, units, refusal, now))
  }
  return reaction === 'stop' ? refusal.error : undefined
}

const refusalsMax = 8

function withRefusal(record: LaunchRecord, { code, message }: Words, at: number): LaunchRecord {
  const { refusals = [] } = record
  const last = refusals.at(-1)
  if (last?.code === code && last.message === message) return record
  return { ...record, refusals: [...refusals, { at, code, message }].slice(-refusalsMax) }
}

/** What the pool learns from a refusal. */
function remember(engine: Engine, { offering }: LaunchRecord, refusal: Refusal, pool: PoolPolicy): void {
  const { code, message, reaction, retryAfterMs = 60_000 } = refusal
  const { journal, clock } = engine
  const now = clock.now()
  if (reaction === 'elsewhere') {
    const before = journal.stockOuts().find(one => one.pool === pool.name && one.offeringId === offering.id)
    const count = (before?.count ?? 0) + 1
    const until = now + stockOutMs(count)
    journal.saveStockOut({ pool: pool.name, offeringId: offering.id, until, count, code, message })
  }
  // A quota is not capacity: another offering would meet it too, so the whole pool waits for a slot.
  if (reaction === 'pause') {
    const failures = journal.breakers().find(one => one.pool === pool.name)?.failures ?? 0
    journal.saveBreaker({ pool: pool.name, failures, openUntil: now + retryAfterMs, cause: message })
  }
}

/** Whether the id may stand, or come to stand, for machines: then no other id is tried before that is known. */
function isStillOpen({ doubtedAt }: LaunchRecord, { reaction }: Refusal): boolean {
  if (reaction === 'repeat' || reaction === 'look') return true
  // An earlier call may still take effect, whatever is said to this one.
  return reaction !== 'next-attempt' && doubtedAt !== undefined
}

function settled(record: LaunchRecord, units: readonly UnitRecord[], words: Words, now: number) {
  const { code, message } = words
  return {
    launches: [{ ...record, state: 'settled' as const, lastError: { code, message } }],
    units: units.map(unit => failed(unit, words, now)),
  }
}

function failed(unit: UnitRecord, { code, message }: Words, now: number): UnitRecord {
  return {
    ...unit,
    phase: 'gone',
    reason: 'launch-failed',
    detail: message,
    errorCode: code,
    entered: { ...unit.entered, gone: now },
  }
}
