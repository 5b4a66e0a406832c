import { resolve } from 'node:path'
import { type Provider, type Scope, scopeKey } from '@agentctl/contract'
import { resolveSecret } from '../config/index.ts'
import type { Pool, Settings } from '../config/types.ts'
import { keepYoungGeneration } from '../effects/memory.ts'
import { stateFolder } from '../effects/paths.ts'
import { newRunId } from '../effects/random.ts'
import { openAdmission } from '../engine/admission.ts'
import type { Engine } from '../engine/deps.ts'
import { openLooks } from '../engine/looks.ts'
import { messageOf } from '../errors/message.ts'
import type { AgentTypePolicy, PoolPolicy } from '../fleet/policy.ts'
import type { Journal } from '../journal/journal.ts'
import { runsOver } from '../journal/run.ts'
import type { Context } from './context.ts'
import { guestSecretsOf } from './guest-secrets.ts'
import { noSuchPool } from './no-such-pool.ts'
import { openHub, readTokens, secretSources } from './open-hub.ts'
import { openProviders } from './open-providers.ts'
import { checkPool, policyOf } from './policies.ts'
import { openDelivery } from './token-delivery.ts'
import { type Guests, guestsOf, userDataMaker } from './user-data.ts'

/** A run is taken for over when it was silent for minutes: no need for a commit in each tick. Unit: milliseconds. */
const beatMs = 30_000

/** An engine with everything that it acts on, for the life of one command. */
export interface Session extends AsyncDisposable {
  readonly engine: Engine
  readonly pools: ReadonlyMap<string, PoolPolicy>
  readonly agentTypes: ReadonlyMap<string, AgentTypePolicy>
  /** By provider: those of the pools, and those that were used before. */
  readonly scopes: ReadonlyMap<string, readonly Scope[]>
  /** Of the owner, over all pools and commands; where works share them, those of this one, which needs so many. */
  readonly maxAlive: (needed: number) => Promise<number>
  readonly isRunOver: (now: number) => (runId: string) => boolean
  /** Tells other commands that this run is alive. */
  beat(): void
}

/** Opens pools for launching: tokens are read, specs resolved, rights and images checked. Reads only; `wake` cuts it. */
export async function openSession(
  context: Context,
  command: string,
  poolNames: readonly string[],
  wake: AbortSignal,
  openPool: PoolOpener = strictly,
): Promise<Session> {
  const reading = { ...context, signal: AbortSignal.any([context.signal, wake]) }
  const { settings, effects } = context
  const pools = poolNames.map(name => poolNamed(settings, name))
  const agentTypes = agentTypesOf(settings, poolNames)
  await using stack = new AsyncDisposableStack()
  const providers = stack.use(
    await openProviders(
      context,
      pools.map(pool => pool.provider),
    ),
  )
  const tokens = await readTokens(context, [...agentTypes.keys()])
  const hub = await openHub(context, tokens)

  const opened = await Promise.all(
    pools.map(async pool => {
      const provider = providers.get(pool.provider) as Provider
      const finish = async (policy: PoolPolicy): Promise<Opened> => {
        const secrets = await guestSecretsOf(pool, ref => resolveSecret(ref, secretSources(context)))
        const deliver = openDelivery(context, { pool, policy, provider }, tokens)
        return { policy, guests: await guestsOf(reading, { pool, policy, provider, secrets, deliver }) }
      }
      return [pool.name, await openPool(reading, pool, provider, finish)] as const
    }),
  )
  keepYoungGeneration()
  const policies = new Map(opened.map(([name, { policy }]) => [name, policy]))
  const folder = journalFolder(context)
  const journal = stack.use(effects.openJournal(folder, effects.clock.now))
  const guests = new Map(opened.flatMap(([name, { guests: of }]) => (of ? [[name, of] as const] : [])))
  const userDataFor = userDataMaker(context, tokens, guests)
  const engine = engineOn(context, { folder, journal, providers, hub, userDataFor })
  const scopes = scopesOf(policies, journal, providers)
  const startedAt = effects.clock.now()
  let seenAt = startedAt
  const saveRun = (endedAt: number | undefined) => {
    seenAt = effects.clock.now()
    journal.saveRun({ runId: engine.runId, command, pid: effects.pid, startedAt, seenAt, endedAt })
  }
  saveRun(undefined)
  stack.defer(() => {
    try {
      saveRun(effects.clock.now())
    } catch (error) {
      // What the command came to counts for more than this: a run whose process is gone is over anyway.
      context.log.warn('The end of this command was not written down', { why: messageOf(error) })
    }
  })
  const { keepMs, megabytesMax } = settings.history
  journal.prune({ before: effects.clock.now() - keepMs, bytesMax: megabytesMax * 1_000_000 })
  const owned = stack.move()
  return {
    engine,
    pools: policies,
    agentTypes,
    scopes,
    maxAlive: context.shared?.maxAlive ?? (async () => settings.maxMachines),
    isRunOver: now => runsOver(journal, { now, isAlive: effects.isAlive }),
    beat() {
      if (effects.clock.now() - seenAt >= beatMs) saveRun(undefined)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export interface Opened {
  readonly policy: PoolPolicy
  /** Left out where nothing can be launched now. */
  readonly guests?: Guests
}

/** Makes a pool ready for launching; `finish` reads what its guests are to be told. */
export type PoolOpener = (
  context: Context,
  pool: Pool,
  provider: Provider,
  finish: (policy: PoolPolicy) => Promise<Opened>,
) => Promise<Opened>

/** All of it, or the command cannot begin. */
const strictly: PoolOpener = async (context, pool, provider, finish) => {
  await checkPool(context, pool, provider)
  return finish(await policyOf(context, pool, provider))
}

export function journalFolder({ settings, effects }: Context): string {
  return resolve(stateFolder(settings.owner, effects.env, effects.home))
}

type Parts = Pick<Engine, 'journal' | 'providers' | 'hub' | 'userDataFor'> & { readonly folder: string }

export function engineOn(context: Context, parts: Parts): Engine {
  const { settings, effects, log, signal, onCall, shared } = context
  const { clock, random, openLock } = effects
  const { folder, journal, providers, hub, userDataFor } = parts
  return {
    owner: settings.owner,
    runId: newRunId(),
    clock,
    random,
    log,
    signal,
    journal,
    lock: openLock(folder, clock, random),
    providers,
    admission: shared?.admission ?? openAdmission(providers, { clock, log, signal, onCall }),
    looks: shared?.looks ?? openLooks(),
    hub,
    userDataFor,
  }
}

function poolNamed({ pools }: Settings, name: string) {
  const pool = pools[name]
  if (pool) return pool
  throw noSuchPool(pools, name)
}

/** The types that feed any of these pools, with the pools of theirs that are among them. */
function agentTypesOf(
  { agentTypes }: Settings,
  poolNames: readonly string[],
): ReadonlyMap<string, AgentTypePolicy> {
  return new Map(
    Object.values(agentTypes)
      .map(type => ({ name: type.name, pools: type.pools.filter(pool => poolNames.includes(pool)) }))
      .filter(type => type.pools.length > 0)
      .map(type => [type.name, type]),
  )
}

/** A region that was taken out of the configuration is still looked at. */
export function scopesOf(
  pools: ReadonlyMap<string, PoolPolicy>,
  journal: Journal,
  providers: ReadonlyMap<string, Provider>,
): ReadonlyMap<string, readonly Scope[]> {
  for (const { provider, resolved } of pools.values()) {
    for (const { scope } of resolved.offerings) journal.rememberScope({ provider, scope })
  }
  const used = journal.usedScopes().filter(one => providers.has(one.provider))
  return new Map(
    [...Map.groupBy(used, one => one.provider)].map(([provider, rows]) => [
      provider,
      [...new Map(rows.map(({ scope }) => [scopeKey(scope), scope])).values()],
    ]),
  )
}
