import { type Provider, scopeKey } from '@agentctl/contract'
import type { Pool } from '../config/types.ts'
import { callMs, withCall } from '../engine/calls.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import { sampleUserData } from './agent-bootstrap.ts'
import type { Context } from './context.ts'
import type { DoctorRequest } from './doctor.ts'
import { checkCache } from './doctor-cache.ts'
import { type Check, looked, ok, problem } from './doctor-check.ts'
import { checkTokenBucket } from './doctor-tokens.ts'
import { openProviders } from './open-providers.ts'
import { findingsOf, policyOf } from './policies.ts'
import { probePool } from './probe.ts'

/** Everything that a first launch of the pool needs, as far as reads can tell; a probe shows the rest. */
export async function checkPoolOf(
  ending: Context,
  context: Context,
  pool: Pool,
  { isProbing, wake }: Pick<DoctorRequest, 'isProbing' | 'wake'>,
): Promise<readonly Check[]> {
  const area = `pool ${pool.name}`
  const opened = await looked(
    area,
    'provider',
    () => openProviders(context, [pool.provider]),
    () => `${pool.provider} is installed`,
  )
  if (!opened.value) return [opened.check]
  await using providers = opened.value
  const provider = providers.get(pool.provider) as Provider
  const spec = await looked(
    area,
    'spec',
    () => policyOf(context, pool, provider),
    ({ resolved: { offerings } }) =>
      `${offerings.length === 1 ? 'one offering' : `${offerings.length} offerings, first`} ${offerings[0]?.id}`,
  )
  const findings = await findingsOf(context, pool, provider).then(
    found => found.map((finding): Check => ({ area, ...finding })),
    // What is wrong with the spec, or the credentials, is told already.
    error => (spec.value ? [problem(area, 'preflight', error)] : []),
  )
  if (!spec.value) return [opened.check, spec.check, ...findings]
  const policy = spec.value
  const checks = [
    opened.check,
    spec.check,
    ...findings,
    ...(await checkLists(context, area, policy, provider)),
    await checkUserData(context, area, pool, policy, provider),
  ]
  const isReady = !checks.some(({ level }) => level === 'problem')
  const stores = [
    ...(await checkCache(context, pool, policy, provider)),
    ...(await checkTokenBucket(context, pool, policy, provider)),
  ]
  if (!isProbing || !isReady) return [...checks, ...stores]
  // A machine that does nothing shows nothing of what jobs may do.
  return [...withProbe(checks, await probePool(ending, area, { policy, provider, wake })), ...stores]
}

async function checkLists(
  { effects, log, signal }: Context,
  area: string,
  { resolved }: PoolPolicy,
  provider: Provider,
): Promise<readonly Check[]> {
  const scopes = new Map(resolved.offerings.map(({ scope }) => [scopeKey(scope), scope]))
  const looks = [...scopes].map(async ([key, scope]) => {
    const { check } = await looked(
      area,
      `list ${key}`,
      () =>
        withCall({ ...effects, log, signal }, callMs.read, call =>
          Array.fromAsync(provider.list(scope, { kinds: ['instance'] }, call)),
        ),
      ({ length }) => `${length} instances of ours`,
    )
    return check
  })
  return Promise.all(looks)
}

/** That of a whole batch, made and thrown away: its downloads' digests are read, and its size is checked. */
async function checkUserData(
  context: Context,
  area: string,
  pool: Pool,
  policy: PoolPolicy,
  provider: Provider,
): Promise<Check> {
  const { check } = await looked(
    area,
    'user data',
    () => {
      const count = policy.isShared ? 1 : policy.capabilities.launchBatchMax
      return sampleUserData(context, { pool, policy, provider, count })
    },
    ({ byteLength }) => `${byteLength} bytes of ${policy.capabilities.userDataBytesMax}`,
  )
  return check
}

/** What could not be proven without making something is shown by a machine that was made and ended. */
function withProbe(checks: readonly Check[], probed: readonly Check[]): readonly Check[] {
  if (probed.some(({ level }) => level === 'problem')) return [...checks, ...probed]
  const shown = checks.map(check =>
    check.level === 'unproven'
      ? ok(check.area, check.subject, `${check.message}: shown by the probe`)
      : check,
  )
  return [...shown, ...probed]
}
