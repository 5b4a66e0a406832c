import { contractError, type Provider } from '@agentctl/contract'
import type { AgentBasis } from '../agent/index.ts'
import {
  type Downloads,
  type LinuxBootstrap,
  linuxUserData,
  type TokenDelivery,
} from '../bootstrap/linux/index.ts'
import { processUserData } from '../bootstrap/process/bootstrap.ts'
import type { Pool } from '../config/types.ts'
import { execPath } from '../effects/process.ts'
import type { Bootstrap } from '../engine/deps.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import { standInAgent } from '../providers/registry.ts'
import { agentDownloads } from './agent-download.ts'
import type { Context } from './context.ts'
import type { GuestSecrets } from './guest-secrets.ts'
import type { Deliver } from './token-delivery.ts'

/** Where the agent lies in images made by its own install script. */
const imageAgent = '/opt/semaphore/agent/agent'

/** What the guests of a pool are told, besides their units. */
export interface Guests {
  readonly pool: Pool
  readonly policy: PoolPolicy
  /** The command that starts the agent of a `process` guest. */
  readonly agentCommand: readonly string[]
  readonly downloads: Downloads | undefined
  readonly secrets: GuestSecrets
  readonly deliver: Deliver
}

/** Reads what has to be known before user data can be made: the digests of downloads. @throws `invalid-spec`, `unavailable` */
export async function guestsOf(
  context: Context,
  { provider, ...open }: Pick<Guests, 'pool' | 'policy' | 'secrets' | 'deliver'> & { provider: Provider },
): Promise<Guests> {
  const { pool, policy } = open
  const downloads = policy.resolved.guest === 'linux' ? await agentDownloads(context, pool) : undefined
  return { ...open, agentCommand: agentCommandOf(context, pool, provider), downloads }
}

/** The pool's own agent, else the stand-in where the guest sees this host's files, else the image's. */
function agentCommandOf(
  { plugins, log }: Context,
  pool: Pool,
  { capabilities }: Provider,
): readonly string[] {
  if (pool.agentSource.binary) return [pool.agentSource.binary]
  const standIn = capabilities.sharesHost ? standInAgent(plugins) : undefined
  if (!standIn) return [imageAgent]
  log.info('No agent.binary is given: jobs run by the stand-in of the devkit, not by the real agent', {
    pool: pool.name,
  })
  return [execPath, standIn]
}

/** The bytes that a launch's guests get; pure for one configuration and one set of tokens. */
export function userDataMaker(
  { settings }: Context,
  tokens: ReadonlyMap<string, string>,
  guests: ReadonlyMap<string, Guests>,
): (bootstrap: Bootstrap) => Promise<Uint8Array> {
  return async bootstrap => {
    const found = guests.get(bootstrap.pool)
    if (!found) throw contractError('internal', `The pool ${bootstrap.pool} is not open`)
    const { pool, policy, secrets } = found
    const basis = {
      endpoint: settings.endpoint,
      noHttps: settings.noHttps,
      token: tokens.get(bootstrap.agentType) ?? '',
      idleMs: idleMsOf(pool, bootstrap),
      agent: withVariables(pool.agent, secrets.variables),
    }
    const userData =
      policy.resolved.guest === 'linux'
        ? linuxUserData(linuxBootstrap(found, basis, bootstrap, await found.deliver(bootstrap)))
        : processUserData({
            basis,
            units: bootstrap.units,
            agentCommand: found.agentCommand,
            agentTimeoutMs: pool.timeouts.agentMs,
            ...(pool.holdMs !== undefined && { holdMs: pool.holdMs }),
            ...(pool.hooks.shutdown !== undefined && { shutdownHook: pool.hooks.shutdown }),
          })
    return checked(userData, policy)
  }
}

function withVariables(agent: Pool['agent'], variables: readonly string[]): Pool['agent'] {
  if (variables.length === 0) return agent
  return { ...agent, 'env-vars': [...(agent['env-vars'] ?? []), ...variables] }
}

/** One that waits for any job waits for as long as the pool keeps it; one with a job of its own has nothing to wait for. */
function idleMsOf({ capacity, timeouts }: Pool, { units }: Bootstrap): number {
  return units.every(unit => unit.jobId === undefined) ? capacity.scaleDownAfterMs : timeouts.idleMs
}

type Basis = Omit<AgentBasis, 'name' | 'jobId' | 'shutdownHookPath'>

function linuxBootstrap(
  { pool, policy, downloads, secrets }: Guests,
  basis: Basis,
  { units, offering }: Bootstrap,
  token: TokenDelivery,
): LinuxBootstrap {
  const { user, sudo, docker, packages, toolbox, before, after, proxy, ca } = pool.bootstrap
  const knownHosts = pool.bootstrap['known-hosts']
  const { cloud, linuxIndex } = policy.capabilities
  const { roleCredentials } = policy.resolved
  return {
    basis,
    units,
    identity: linuxIndex ? { kind: linuxIndex } : { kind: 'fixed', index: units[0]?.index ?? 0 },
    agent: { path: pool.agentSource.binary ?? imageAgent, ...(downloads && { download: downloads }) },
    user,
    timeouts: pool.timeouts,
    metadata: pool.metadata,
    ...(cloud && { cloud }),
    ...(cloud && offering.market === 'spot' && { spotNotice: {} }),
    ...(roleCredentials && { roleCredentials }),
    ...(pool.holdMs !== undefined && { hold: { forMs: pool.holdMs } }),
    token,
    files: secrets.files,
    packages,
    docker,
    sudo,
    ...(toolbox && { toolbox: definite(toolbox) }),
    ...(pool.hooks.shutdown !== undefined && { shutdownHook: { path: pool.hooks.shutdown } }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(proxy && { proxy }),
    ...(ca !== undefined && { ca }),
    ...(knownHosts && { knownHosts }),
  }
}

function definite({ x86_64, arm64 }: NonNullable<Pool['bootstrap']['toolbox']>): Downloads {
  return { ...(x86_64 && { x86_64 }), ...(arm64 && { arm64 }) }
}

function checked(userData: Uint8Array, { name, provider, capabilities }: PoolPolicy): Uint8Array {
  const { userDataBytesMax } = capabilities
  if (userData.byteLength <= userDataBytesMax) return userData
  const size = `${userData.byteLength} bytes, and ${provider} takes ${userDataBytesMax}`
  throw contractError('invalid-spec', `The user data of pool ${name} has ${size}`, {
    hint: "Shorten the pool's env-vars, files and scripts, or put them into the image.",
  })
}
