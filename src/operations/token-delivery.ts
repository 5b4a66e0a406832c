import { contractError, type Provider, type TokenStore } from '@agentctl/contract'
import type { TokenDelivery } from '../bootstrap/linux/index.ts'
import type { Pool } from '../config/types.ts'
import { withCall } from '../engine/calls.ts'
import type { Bootstrap } from '../engine/deps.ts'
import { patiently } from '../engine/patiently.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { Context } from './context.ts'

/** How the machines of one launch get their token. */
export type Deliver = (bootstrap: Pick<Bootstrap, 'agentType' | 'intendedAt'>) => Promise<TokenDelivery>

const putMs = 60_000

export const deliverInline: Deliver = async () => ({ kind: 'inline' })

/** For showing user data: nothing is uploaded, and the URL says so. */
export function deliverForShow({ tokenDelivery }: Pool): Deliver {
  if (tokenDelivery.kind === 'inline') return deliverInline
  const url = `https://${tokenDelivery.bucket}.invalid/signed-at-launch`
  return async () => ({ kind: 'presigned', url })
}

/**
 * Uploads the tokens of the pool's agent types where its machines fetch them, once; each launch then gets a URL that is
 * signed for the time at which the launch was first written down, so that a repeat is the same request.
 * @throws `unsupported` where the provider or the guest cannot do that, and what an upload throws
 */
export async function openDelivery(
  context: Context,
  { pool, policy, provider }: { pool: Pool; policy: PoolPolicy; provider: Provider },
  tokens: ReadonlyMap<string, string>,
): Promise<Deliver> {
  const { tokenDelivery } = pool
  if (tokenDelivery.kind === 'inline') return deliverInline
  const store = storeOf(pool, policy, provider)
  const { bucket } = tokenDelivery
  const deps = { ...context.effects, log: context.log, signal: context.signal }
  const types = Object.values(context.settings.agentTypes).filter(type => type.pools.includes(pool.name))
  const uploads = types.map(async ({ name: agentType }) => {
    const token = tokens.get(agentType)
    if (token === undefined) throw contractError('internal', `The token of ${agentType} was not read`)
    const put = () => withCall(deps, putMs, call => store.put({ bucket, agentType }, token, call))
    return [agentType, await patiently(deps, put)] as const
  })
  const stored = new Map(await Promise.all(uploads))
  const validMs = pool.timeouts.bootMs + pool.timeouts.agentMs
  return async ({ agentType, intendedAt }) => {
    const place = stored.get(agentType)
    if (!place) throw contractError('internal', `The token of ${agentType} was not uploaded`)
    return { kind: 'presigned', url: await store.sign(place, { signedAt: intendedAt, validMs }) }
  }
}

function storeOf(pool: Pool, { resolved }: PoolPolicy, { tokens }: Provider): TokenStore {
  if (tokens && resolved.guest === 'linux') return tokens
  const why = tokens ? `guests of kind ${resolved.guest} take` : `the provider ${pool.provider} has`
  throw contractError('unsupported', `The pool ${pool.name}: ${why} no presigned token`, {
    hint: `Take token-delivery out of the pool ${pool.name}.`,
  })
}
