import { gunzipSync } from 'node:zlib'
import { contractError, type Unit } from '@agentctl/contract'
import { agentName, launchIdOf } from '../fleet/launch-id.ts'
import type { Context } from './context.ts'
import { openProviders } from './open-providers.ts'
import { policyOf } from './policies.ts'
import { guestsOf, userDataMaker } from './user-data.ts'

export interface ShownBootstrap {
  readonly pool: string
  readonly guest: string
  /** As it is sent, in bytes. */
  readonly size: number
  readonly sizeMax: number
  readonly text: string
}

/** A made-up job; each machine has its own. */
const sampleJob = '00000000-0000-4000-8000-000000000000'

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
  const agentType = Object.values(settings.agentTypes).find(type => type.pools.includes(pool.name))
  await using providers = await openProviders(context, [pool.provider])
  const provider = providers.get(pool.provider)
  if (!provider || !agentType) throw contractError('internal', `The pool ${pool.name} did not open`)
  const policy = await policyOf(context, pool, provider)
  const guests = new Map([[pool.name, await guestsOf(context, pool, policy, provider)]])
  const tokens = new Map([[agentType.name, agentType.token.text]])
  const [offering] = policy.resolved.offerings
  if (!offering) throw contractError('internal', `The pool ${pool.name} has no offering`)
  const userData = userDataMaker(
    context,
    tokens,
    guests,
  )({
    pool: pool.name,
    agentType: agentType.name,
    units: [sampleUnit(settings.owner, agentType.name)],
    offering,
    expiresAt: context.effects.clock.now() + pool.timeouts.totalMs,
  })
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

function sampleUnit(owner: string, agentType: string): Unit {
  const launchId = launchIdOf({ owner, agentType, wants: [sampleJob], attempt: 1, offeringId: '' })
  return { index: 0, attempt: 1, jobId: sampleJob, name: agentName(owner, launchId, 0) }
}
