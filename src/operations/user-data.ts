import { contractError, type Provider } from '@agentctl/contract'
import { processUserData } from '../bootstrap/process/bootstrap.ts'
import type { Pool } from '../config/types.ts'
import { execPath } from '../effects/process.ts'
import type { Bootstrap } from '../engine/deps.ts'
import { standInAgent } from '../providers/registry.ts'
import type { Context } from './context.ts'

/** Where the agent lies in images made by its own install script. */
const imageAgent = '/opt/semaphore/agent/agent'

/** The command that starts a guest's agent: the pool's own, else the stand-in where the guest sees this host. */
export function agentCommandOf({ plugins }: Context, pool: Pool, provider: Provider): readonly string[] {
  if (pool.agentSource.binary) return [pool.agentSource.binary]
  const standIn = provider.capabilities.sharesHost ? standInAgent(plugins) : undefined
  return standIn ? [execPath, standIn] : [imageAgent]
}

/** The bytes that a launch's guests get; pure for one configuration and one set of tokens. */
export function userDataMaker(
  context: Context,
  tokens: ReadonlyMap<string, string>,
  providers: ReadonlyMap<string, Provider>,
): (bootstrap: Bootstrap) => Uint8Array {
  const { settings } = context
  return ({ pool: name, agentType, units }) => {
    const pool = settings.pools[name]
    const provider = pool && providers.get(pool.provider)
    if (!pool || !provider) throw contractError('internal', `The pool ${name} is not open`)
    if (!provider.capabilities.guests.includes('process')) {
      throw contractError(
        'unsupported',
        `No bootstrap for the guests of ${pool.provider}: ${provider.capabilities.guests}`,
      )
    }
    const { endpoint, noHttps } = settings
    const userData = processUserData({
      basis: {
        endpoint,
        noHttps,
        token: tokens.get(agentType) ?? '',
        idleMs: pool.timeouts.idleMs,
        agent: pool.agent,
      },
      units,
      agentCommand: agentCommandOf(context, pool, provider),
      agentTimeoutMs: pool.timeouts.agentMs,
      ...(pool.hooks.shutdown !== undefined && { shutdownHook: pool.hooks.shutdown }),
    })
    const { userDataBytesMax } = provider.capabilities
    if (userData.byteLength <= userDataBytesMax) return userData
    throw contractError(
      'invalid-spec',
      `The user data of pool ${name} has ${userData.byteLength} bytes, ${pool.provider} takes ${userDataBytesMax}`,
      {
        hint: 'Shorten env-vars and hooks of the pool.',
      },
    )
  }
}
