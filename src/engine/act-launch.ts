import { type ContractError, isInstance, type LaunchResult } from '@agentctl/contract'
import type { Launch, Resume, Settle } from '../fleet/actions.ts'
import { type PoolPolicy, stockOutMs } from '../fleet/policy.ts'
import type { LaunchRecord, UnitRecord } from '../fleet/records.ts'
import { backoffMs } from './backoff.ts'
import type { Engine } from './deps.ts'
import { callLaunch, intend, requestOf } from './launching.ts'
import { type Refusal, refusalOf } from './reactions.ts'

/** Set when no further launch can succeed before a person has done something. */
export type Fatal = ContractError | undefined

export async function actLaunch(engine: Engine, action: Launch, pool: PoolPolicy): Promise<Fatal> {
  const { record, units } = intend(engine, action, pool)
  engine.journal.save({ launches: [record], units })
  engine.log.info('Launching', {
    pool: pool.name,
    units: units.length,
    offering: record.offering.id,
    why: action.why,
  })
  return call(engine, record, units, pool)
}

export async function actResume(engine: Engine, { launch, why }: Resume, pool: PoolPolicy): Promise<Fatal> {
  const units = unitsOf(engine, launch)
  engine.log.info('Repeating a launch', { pool: pool.name, launch: launch.launchId, why })
  return call(engine, { ...launch, runId: engine.runId }, units, pool)
}

export function actSettle(engine: Engine, { launch, why }: Settle): void {
  engine.log.info('Gave up a launch', { launch: launch.launchId, why })
  const { code = 'unavailable', message = why } = launch.lastError ?? {}
  settle(engine, launch, unitsOf(engine, launch), { code, message })
}

function unitsOf({ journal }: Engine, { launchId }: LaunchRecord): readonly UnitRecord[] {
  return journal.memory([]).units.filter(unit => unit.launchId === launchId)
}

async function call(
  engine: Engine,
  before: LaunchRecord,
  units: readonly UnitRecord[],
  pool: PoolPolicy,
): Promise<Fatal> {
  const request = requestOf(engine, before, pool)
  const record = { ...before, digest: request.digest, tries: before.tries + 1 }
  engine.journal.save({ launches: [record] })
  try {
    accept(engine, record, units, await callLaunch(engine, record, request))
    return undefined
  } catch (thrown) {
    return refuse(engine, record, units, refusalOf(thrown), pool)
  }
}

function accept(
  engine: Engine,
  record: LaunchRecord,
  units: readonly UnitRecord[],
  result: LaunchResult,
): void {
  const now = engine.clock.now()
  const ids = new Map(result.instances.map(instance => [instance.unitIndex, instance.id]))
  const { shortfall } = result
  if (shortfall) outOfStock(engine, record, { code: shortfall.code, message: shortfall.message })
  engine.journal.save({
    launches: [{ ...record, state: 'accepted', acceptedAt: now }],
    units: units.map(unit => {
      const instanceId = ids.get(unit.index)
      if (instanceId === undefined)
        return failed(unit, shortfall ?? { code: 'unavailable', message: 'It did not come' }, now)
      return { ...unit, instanceId, phase: 'booting', entered: { ...unit.entered, booting: now } }
    }),
  })
}

type Words = Pick<Refusal, 'code' | 'message'>

async function refuse(
  engine: Engine,
  record: LaunchRecord,
  units: readonly UnitRecord[],
  refusal: Refusal,
  pool: PoolPolicy,
): Promise<Fatal> {
  const { code, message } = refusal
  engine.log.warn('A launch was refused', { pool: pool.name, launch: record.launchId, code, why: message })
  switch (refusal.reaction) {
    case 'repeat': {
      const waitMs = refusal.retryAfterMs ?? backoffMs(record.tries, engine.random)
      const nextTryAt = engine.clock.now() + waitMs
      engine.journal.save({ launches: [{ ...record, nextTryAt, lastError: { code, message } }] })
      return undefined
    }
    case 'look':
      if (await isOursAlive(engine, record)) return undefined
      break
    case 'elsewhere':
      outOfStock(engine, record, refusal)
      break
    case 'pause':
      pause(engine, pool, refusal)
      break
    case 'next-attempt':
    case 'stop':
      break
  }
  settle(engine, record, units, refusal)
  return refusal.reaction === 'stop' ? refusal.error : undefined
}

/** Another request stands under this id. A live machine of ours is left to the next observation to adopt. */
async function isOursAlive(engine: Engine, record: LaunchRecord): Promise<boolean> {
  const provider = engine.providers.get(record.provider)
  const { scope } = record.offering
  const filter = { kinds: ['instance'] as const, launchId: record.launchId }
  const found = await engine.admission.admit(record.provider, scope, 'read', call =>
    provider ? Array.fromAsync(provider.list(scope, filter, call)) : Promise.resolve([]),
  )
  return found.some(one => isInstance(one) && one.state !== 'terminated')
}

function outOfStock(engine: Engine, { pool, offering }: LaunchRecord, { code, message }: Words): void {
  const before = engine.journal
    .memory([])
    .stockOuts.find(one => one.pool === pool && one.offeringId === offering.id)
  const count = (before?.count ?? 0) + 1
  const until = engine.clock.now() + stockOutMs(count)
  engine.journal.saveStockOut({ pool, offeringId: offering.id, until, count, code, message })
}

/** A quota is not capacity: another offering would meet it too, so the whole pool waits for a slot. */
function pause(engine: Engine, { name }: PoolPolicy, { message, retryAfterMs = 60_000 }: Refusal): void {
  const before = engine.journal.memory([]).breakers.find(one => one.pool === name)
  engine.journal.saveBreaker({
    pool: name,
    failures: before?.failures ?? 0,
    openUntil: engine.clock.now() + retryAfterMs,
    cause: message,
  })
}

function settle(engine: Engine, record: LaunchRecord, units: readonly UnitRecord[], words: Words): void {
  const now = engine.clock.now()
  engine.journal.save({
    launches: [{ ...record, state: 'settled', lastError: words }],
    units: units.map(unit => failed(unit, words, now)),
  })
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
