import { contractError, type LaunchRequest, type LaunchResult, scopeKey, type Unit } from '@agentctl/contract'
import type { Launch } from '../fleet/actions.ts'
import { agentName, digestOf, launchIdOf } from '../fleet/launch-id.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { LaunchRecord, UnitRecord } from '../fleet/records.ts'
import { committed } from './committed.ts'
import type { Engine } from './deps.ts'

export interface Intended {
  readonly record: LaunchRecord
  readonly request: LaunchRequest
  readonly units: readonly UnitRecord[]
}

/** Names a launch and its units; nothing is done yet. */
export async function intend(engine: Engine, action: Launch, pool: PoolPolicy): Promise<Intended> {
  const { owner, runId, clock } = engine
  const now = clock.now()
  const { agentType, attempt, offering, wants, why } = action
  const launchId = launchIdOf({
    owner,
    agentType,
    wants: wants.map(want => want.key),
    attempt,
    offeringId: `${pool.provider}/${scopeKey(offering.scope)}/${offering.id}`,
  })
  const units = wants.map(
    ({ jobId }, index): Unit => ({
      index,
      attempt,
      name: agentName(owner, launchId, index),
      ...(jobId !== undefined && { jobId }),
    }),
  )
  const record: LaunchRecord = {
    launchId,
    runId,
    provider: pool.provider,
    pool: pool.name,
    agentType,
    offering,
    digest: '',
    attempt,
    units,
    // Tags count in whole seconds; rounding here keeps what we plan by and what the machine goes by the same.
    expiresAt: Math.floor((now + pool.timeouts.totalMs) / 1000) * 1000,
    ...(pool.timeouts.holdMs !== undefined && { holdMs: pool.timeouts.holdMs }),
    intendedAt: now,
    state: 'intended',
    tries: 0,
    why,
  }
  const entered = { requested: now, launching: now }
  const request = await requestOf(engine, record, pool)
  return {
    record: { ...record, digest: request.digest },
    request,
    units: units.map((unit, at) => ({
      launchId,
      index: unit.index,
      want: wants[at]?.key ?? unit.name,
      name: unit.name,
      attempt,
      ...(unit.jobId !== undefined && { jobId: unit.jobId }),
      phase: 'launching',
      entered,
      marks: {},
    })),
  }
}

/** The request that a record stands for: the same record gives the same bytes, as long as the configuration does. */
export async function requestOf(
  engine: Engine,
  record: LaunchRecord,
  pool: PoolPolicy,
): Promise<LaunchRequest> {
  const { launchId, agentType, offering, units, expiresAt, intendedAt } = record
  const told = { pool: pool.name, agentType, units, offering, expiresAt, intendedAt }
  const userData = await engine.userDataFor(told)
  const expiry = pool.isShared ? { afterMs: pool.timeouts.totalMs } : { at: expiresAt }
  const digest = digestOf(userData, pool.resolved, offering, units, expiry)
  return {
    launchId,
    digest,
    pool: pool.name,
    agentType,
    offering,
    resolved: pool.resolved,
    units,
    userData,
    expiry,
  }
}

/** `onSend` runs just before the call leaves; not at all when it is not admitted. What it writes is safe then. */
export function callLaunch(
  engine: Engine,
  record: LaunchRecord,
  request: LaunchRequest,
  onSend: () => void,
): Promise<LaunchResult> {
  const provider = engine.providers.get(record.provider)
  if (!provider) throw contractError('internal', `The provider ${record.provider} is not open`)
  return engine.admission.admit(record.provider, record.offering.scope, 'launch', async call => {
    onSend()
    await committed(engine)
    return provider.launch(request, call)
  })
}
