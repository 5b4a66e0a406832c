import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { contractError } from '@agentctl/contract'
import { resolveSecret, type SecretSources, schemeProviders } from '../config/secrets.ts'
import type { SecretRef } from '../config/types.ts'
import type { Hub } from '../engine/deps.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'

const run = promisify(execFile)

/** Longest time of a `command:` that prints a secret. Unit: milliseconds. */
const commandTimeoutMs = 30_000

export function secretSources({ settings, plugins, log, effects }: Context): SecretSources {
  return {
    env: effects.env,
    readFile: path => readFile(path, 'utf8'),
    run: async command => (await run('sh', ['-c', command], { timeout: commandTimeoutMs })).stdout,
    async viaProvider(ref: SecretRef) {
      const name = schemeProviders[ref.scheme] ?? ''
      const module = await effects.loadProvider(entryFor(name, providersIn(plugins)))
      if (!module.readSecret)
        throw contractError('unsupported', `Provider ${name} cannot read ${ref.scheme}: secrets`)
      const { owner, providers } = settings
      return module.readSecret(ref.text, { owner, settings: providers[name], log, ...effects })
    },
  }
}

/** One secret's value. @throws `unauthenticated`, what a provider throws */
export function readSecretRef(context: Context, ref: SecretRef): Promise<string> {
  return resolveSecret(ref, secretSources(context))
}

/** Registration tokens by agent type, read once a command. @throws `unauthenticated` */
export async function readTokens(
  context: Context,
  types: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const sources = secretSources(context)
  const read = types.map(async type => {
    const ref = context.settings.agentTypes[type]?.token
    if (!ref) throw contractError('invalid-spec', `The agent type ${type} is not configured`)
    return [type, await resolveSecret(ref, sources)] as const
  })
  return new Map(await Promise.all(read))
}

/** The hub of the settings; agents are seen only with an API token, and only for types with a name. */
export async function openHub(context: Context, tokens: ReadonlyMap<string, string>): Promise<Hub> {
  const { settings, effects } = context
  const apiToken = settings.apiToken && (await resolveSecret(settings.apiToken, secretSources(context)))
  const unnamed = [...tokens.keys()].some(type => !settings.agentTypes[type]?.isNamed)
  return {
    queue: (type, signal) =>
      effects.readQueue(settings, type, tokens.get(type) ?? '', signal, settings.agentTypes[type]?.binding),
    ...(apiToken &&
      settings.endpoint !== '' &&
      !unnamed && {
        agents: (type, signal) => effects.readAgents(settings, type, apiToken, signal),
        job: (id, signal) => effects.readJob(settings, id, apiToken, signal),
        stopJob: (id, signal) => effects.stopJob(settings, id, apiToken, signal),
      }),
  }
}
