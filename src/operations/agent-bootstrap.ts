import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { contractError, type Provider, type Unit } from '@agentctl/contract'
import type { Pool } from '../config/types.ts'
import { agentName, launchIdOf } from '../fleet/launch-id.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { Context } from './context.ts'
import { guestSecretsOf } from './guest-secrets.ts'
import { openProviders } from './open-providers.ts'
import { policyOf } from './policies.ts'
import { deliverForShow } from './token-delivery.ts'
import { guestsOf, userDataMaker } from './user-data.ts'

export interface ShownBootstrap {
  readonly pool: string
  readonly guest: string
  /** As it is sent, in bytes. */
  readonly size: number
  readonly sizeMax: number
  readonly text: string
}

/** The user data of one machine of a pool, unpacked, with the token's reference in place of the token. Reads only. */
export async function showBootstrap(context: Context, poolName: string | undefined): Promise<ShownBootstrap> {
  const { settings } = context
  const names = poolName === undefined ? Object.keys(settings.pools) : [poolName]
  const pool = names.length === 1 ? settings.pools[names[0] ?? ''] : undefined
  if (!pool) {
    throw contractError('invalid-spec', `Which pool? There are ${Object.keys(settings.pools).join(', ')}`, {
      hint: 'Name one with --pool.',
    })
  }
  await using providers = await openProviders(context, [pool.provider])
  const provider = providers.get(pool.provider)
  if (!provider) throw contractError('internal', `The pool ${pool.name} did not open`)
  const policy = await policyOf(context, pool, provider)
  const userData = await sampleUserData(context, { pool, policy, provider, count: 1 })
  const { guest } = policy.resolved
  const text = Buffer.from(guest === 'linux' ? gunzipSync(userData) : userData).toString()
  return {
    pool: pool.name,
    guest,
    size: userData.byteLength,
    sizeMax: policy.capabilities.userDataBytesMax,
    text,
  }
}

interface Sample {
  readonly pool: Pool
  readonly policy: PoolPolicy
  readonly provider: Provider
  /** Units of its launch. */
  readonly count: number
}

/** What a launch in the pool would send, for made-up jobs, with references in place of secrets. */
export async function sampleUserData(context: Context, sample: Sample): Promise<Uint8Array> {
  const { pool, policy, provider, count } = sample
  const { settings, effects } = context
  const agentType = Object.values(settings.agentTypes).find(type => type.pools.includes(pool.name))
  const [offering] = policy.resolved.offerings
  if (!offering || !agentType) throw contractError('internal', `The pool ${pool.name} did not open`)
  const secrets = await guestSecretsOf(pool, async ref => ref.text.replaceAll(/[=\n]/g, '_'))
  const deliver = deliverForShow(pool)
  const guests = new Map([[pool.name, await guestsOf(context, { pool, policy, provider, secrets, deliver })]])
  const now = effects.clock.now()
  const tokens = new Map([[agentType.name, agentType.token.text]])
  return userDataMaker(
    context,
    tokens,
    guests,
  )({
    pool: pool.name,
    agentType: agentType.name,
    units: Array.from({ length: count }, (_, index) => sampleUnit(settings.owner, agentType.name, index)),
    offering,
    expiresAt: now + pool.timeouts.totalMs,
    intendedAt: now,
  })
}

/** Its job's id is as hard to pack as a real one. */
function sampleUnit(owner: string, agentType: string, index: number): Unit {
  const hex = createHash('sha256').update(String(index)).digest('hex')
  const jobId = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
  const launchId = launchIdOf({ owner, agentType, wants: [jobId], attempt: 1, offeringId: '' })
  return { index, attempt: 1, jobId, name: agentName(owner, launchId, index) }
}
