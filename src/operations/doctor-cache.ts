import { readFile } from 'node:fs/promises'
import type { CacheTrial, Finding, Provider } from '@agentctl/contract'
import type { Pool } from '../config/types.ts'
import { withCall } from '../engine/calls.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { type Check, problem } from './doctor-check.ts'
import { trySftp } from './doctor-sftp.ts'
import { guestSecretsOf } from './guest-secrets.ts'
import { type CacheBackend, jobCache } from './job-cache.ts'
import { readSecretRef } from './open-hub.ts'

const tryMs = 60_000
const subject = 'cache'

/**
 * Whether the cache of a pool's jobs really works: the tool that uses it tells no error by its exit code. Nothing where
 * the pool asks for no cache.
 */
export async function checkCache(
  context: Context,
  pool: Pool,
  policy: PoolPolicy,
  provider: Provider,
): Promise<readonly Check[]> {
  const area = `pool ${pool.name}`
  try {
    const trial = await trialOf(context, pool, policy, provider)
    const { backend, findings } = jobCache(trial.env)
    const isHopeless = !backend || findings.some(({ level }) => level === 'problem')
    const tried = isHopeless ? [] : await tryBackend(context, backend, trial)
    return [...findings, ...tried].map(finding => ({ area, ...finding }))
  } catch (error) {
    return [problem(area, subject, error)]
  }
}

/** What the jobs of a pool have to work with. @throws `unauthenticated` for a secret that cannot be read */
async function trialOf(
  context: Context,
  pool: Pool,
  { resolved }: PoolPolicy,
  { capabilities }: Provider,
): Promise<CacheTrial> {
  const { clock } = context.effects
  const plain = pool.agent['env-vars'] ?? []
  const names = [...plain, ...Object.keys(pool.secretEnvVars)]
  const isAsked = names.some(name => name.startsWith('SEMAPHORE_CACHE_'))
  // Without a cache no secret is read for it.
  const secrets = isAsked
    ? await guestSecretsOf(pool, ref => readSecretRef(context, ref))
    : { variables: [], files: [] }
  const isLinux = resolved.guest === 'linux'
  const files = new Map(isLinux ? secrets.files.map(({ path, content }) => [path, String(content)]) : [])
  const { roleCredentials } = resolved
  return {
    env: Object.fromEntries([...plain, ...secrets.variables].map(pair)),
    readFile: async path => files.get(path) ?? (capabilities.sharesHost ? readHere(path) : undefined),
    ...(isLinux && { home: `/home/${pool.bootstrap.user}` }),
    ...(roleCredentials && { role: roleCredentials }),
    // Where the controller takes user data away, the service itself stays open.
    isMetadataOpen:
      capabilities.cloud !== undefined && (pool.metadata === 'open' || capabilities.isGuardNeeded === true),
    objectName: `agentctl-doctor/${context.settings.owner}-${clock.now()}`,
  }
}

function readHere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function pair(item: string): readonly [string, string] {
  const at = item.indexOf('=')
  return [item.slice(0, at), item.slice(at + 1)]
}

async function tryBackend(
  context: Context,
  { provider }: CacheBackend,
  trial: CacheTrial,
): Promise<readonly Finding[]> {
  if (provider === undefined) return trySftp(context, trial)
  const entries = providersIn(context.plugins)
  if (!entries.some(entry => entry.provider === provider)) {
    const message = `the plugin of ${provider}, which can try this store, is not installed`
    return [
      { level: 'unproven', subject, message, fix: `agentctl plugins install @agentctl/provider-${provider}` },
    ]
  }
  const { effects, settings, log, signal } = context
  const module = await effects.loadProvider(entryFor(provider, entries))
  const { owner, providers } = settings
  const deps = { owner, settings: providers[provider], log, ...effects }
  const findings = await withCall({ ...effects, log, signal }, tryMs, async call =>
    module.tryCache?.(trial, deps, call),
  )
  return (
    findings ?? [{ level: 'unproven', subject, message: `the plugin of ${provider} cannot try its store` }]
  )
}
