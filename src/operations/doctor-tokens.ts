import { contractError, hasCode, isContractError, type Provider } from '@agentctl/contract'
import type { Pool } from '../config/types.ts'
import { requestText } from '../effects/http.ts'
import { withCall } from '../engine/calls.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { type Check, looked } from './doctor-check.ts'
import { readTokens } from './open-hub.ts'
import { openDelivery } from './token-delivery.ts'

const subject = 'token bucket'
const lookMs = 30_000

/**
 * Whether machines of a pool with `token-delivery: presigned` will get their token: what a launch does, short of the
 * launch. The bucket is looked at first, and a public one gets no token.
 */
export async function checkTokenBucket(
  context: Context,
  pool: Pool,
  policy: PoolPolicy,
  provider: Provider,
): Promise<readonly Check[]> {
  const area = `pool ${pool.name}`
  const { tokenDelivery } = pool
  if (tokenDelivery.kind === 'inline') return []
  const closed = await checkPublic(context, pool, tokenDelivery.bucket)
  if (closed.level === 'problem') return [{ area, ...closed }]
  const types = Object.values(context.settings.agentTypes).filter(type => type.pools.includes(pool.name))
  const fetched = types.map(async ({ name }) => {
    const { check } = await looked(
      area,
      subject,
      () => fetchedBack(context, { pool, policy, provider }, name),
      () => `the token of ${name} was put into ${tokenDelivery.bucket}, and read by a signed URL`,
    )
    return check
  })
  return [{ area, ...closed }, ...(await Promise.all(fetched))]
}

/** What a launch does, and then its machine. @throws what the store throws, `invalid-spec` where the URL gives nothing */
async function fetchedBack(
  context: Context,
  place: { pool: Pool; policy: PoolPolicy; provider: Provider },
  agentType: string,
): Promise<void> {
  const tokens = await readTokens(context, [agentType])
  const { effects, signal } = context
  const deliver = openDelivery(context, place, tokens)
  const delivery = await deliver({ agentType, intendedAt: effects.clock.now() })
  const url = delivery.kind === 'presigned' ? delivery.url : ''
  // The URL is as good as the token: what is thrown names its host alone.
  const what = 'the token behind its signed URL'
  const read = await requestText({ url, signal, timeoutMs: lookMs, what }).catch(error => {
    if (!isContractError(error)) throw error
    throw contractError(error.code, error.message, {
      hint: "The controller's own credentials sign the URL: allow them s3:GetObject on what they put there.",
    })
  })
  if (read === tokens.get(agentType)) return
  throw contractError('unavailable', `The signed URL gave something else than the token of ${agentType}`, {
    hint: 'Look for what stands between this host and the bucket, such as a proxy.',
  })
}

/** The store of caches knows what a bucket should be like; one that agentctl did not make may be closed to it. */
async function checkPublic(context: Context, pool: Pool, bucket: string): Promise<Omit<Check, 'area'>> {
  const { settings, plugins, effects, log, signal } = context
  const unproven = (why: string) => ({
    level: 'unproven' as const,
    subject,
    message: `whether the public can read ${bucket} is not known: ${why}`,
    fix: `See to it that all public access to ${bucket} is blocked.`,
  })
  const module = await effects.loadProvider(entryFor(pool.provider, providersIn(plugins)))
  const { owner, providers } = settings
  const store = await module.openCache?.({ owner, settings: providers[pool.provider], log, ...effects })
  if (!store) return unproven(`the provider ${pool.provider} cannot look`)
  try {
    const view = await withCall({ ...effects, log, signal }, lookMs, call => store.show({ bucket }, call))
    const fact = view?.facts.find(one => one.subject === 'public access')
    if (!fact) return unproven(view ? 'the store does not say' : 'there is no such bucket')
    if (fact.isRight) return { level: 'ok', subject, message: `${bucket}: public access is ${fact.detail}` }
    return {
      level: 'problem',
      subject,
      message: `${bucket} is not closed to the public: ${fact.detail}`,
      fix: `agentctl cache create --provider ${pool.provider} --bucket ${bucket} --access none --expire-days 0 closes it.`,
    }
  } catch (error) {
    if (hasCode(error, 'cancelled') || !isContractError(error)) throw error
    return unproven(error.message)
  } finally {
    await store.close()
  }
}
