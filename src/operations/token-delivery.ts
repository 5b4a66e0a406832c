import { contractError, type Provider, type StoredToken, type TokenStore } from '@agentctl/contract'
import type { TokenDelivery } from '../bootstrap/linux/index.ts'
import type { Pool } from '../config/types.ts'
import { withCall } from '../engine/calls.ts'
import type { Bootstrap } from '../engine/deps.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { Context } from './context.ts'

/** How the machines of one launch get their token. */
export type Deliver = (bootstrap: Pick<Bootstrap, 'agentType' | 'intendedAt'>) => Promise<TokenDelivery>

const putMs = 30_000
/** A bucket's lifecycle may take an object away under a command that runs for weeks. Unit: milliseconds. */
const renewMs = 12 * 3_600_000

export const deliverInline: Deliver = async () => ({ kind: 'inline' })

/** For showing user data: nothing is uploaded, and the URL says so. */
export function deliverForShow({ tokenDelivery }: Pool): Deliver {
  if (tokenDelivery.kind === 'inline') return deliverInline
  const url = `https://${tokenDelivery.bucket}.invalid/signed-at-launch`
  return async () => ({ kind: 'presigned', url })
}

/**
 * Before its first launch of an agent type the token is uploaded to where machines fetch it. Each launch then gets a
 * URL that is signed for the time at which it was first written down, so that a repeat is the same request.
 * Nothing is uploaded here. @throws `unsupported` where the provider or the guest cannot do that
 */
export function openDelivery(
  context: Context,
  { pool, policy, provider }: { pool: Pool; policy: PoolPolicy; provider: Provider },
  tokens: ReadonlyMap<string, string>,
): Deliver {
  const { tokenDelivery } = pool
  if (tokenDelivery.kind === 'inline') return deliverInline
  const store = storeOf(pool, policy, provider)
  const { bucket } = tokenDelivery
  const { effects, log, signal } = context
  const uploads = new Map<string, Upload>()
  const validMs = pool.timeouts.bootMs + pool.timeouts.agentMs

  const uploaded = (agentType: string): Promise<StoredToken> => {
    const known = uploads.get(agentType)
    if (known && effects.clock.now() - known.at < renewMs) return known.stored
    const token = tokens.get(agentType)
    if (token === undefined) throw contractError('internal', `The token of ${agentType} was not read`)
    const stored = withCall({ ...effects, log, signal }, putMs, call =>
      store.put({ bucket, agentType }, token, call),
    )
    uploads.set(agentType, { at: effects.clock.now(), stored })
    // One that failed is tried again by the next launch.
    stored.catch(() => uploads.delete(agentType))
    return stored
  }
  return async ({ agentType, intendedAt }) => {
    const url = await store.sign(await uploaded(agentType), { signedAt: intendedAt, validMs })
    return { kind: 'presigned', url }
  }
}

interface Upload {
  readonly at: number
  readonly stored: Promise<StoredToken>
}

function storeOf(pool: Pool, { resolved }: PoolPolicy, { tokens }: Provider): TokenStore {
  if (tokens && resolved.guest === 'linux') return tokens
  const why = tokens ? `guests of kind ${resolved.guest} take` : `the provider ${pool.provider} has`
  throw contractError('unsupported', `The pool ${pool.name}: ${why} no presigned token`, {
    hint: `Take token-delivery out of the pool ${pool.name}.`,
  })
}
