import { type ContractError, isContractError, scopeKey } from '@agentctl/contract'
import type { Settings } from '../config/types.ts'
import type { Looking } from '../engine/gather.ts'
import { preview, type TickReport, tick } from '../engine/tick.ts'
import type { Want } from '../fleet/actions.ts'
import type { Breaker, HubLimit, UnitRecord } from '../fleet/records.ts'
import type { Unservable } from '../fleet/unservable.ts'
import { attemptsMaxOf, type WantState, wantStates } from '../fleet/wants.ts'
import { type UnitNews, unitNews } from './capacity-after.ts'
import { askingOf } from './capacity-asking.ts'
import type { Context } from './context.ts'
import { noSuchPool } from './no-such-pool.ts'
import { parsedSpec, policyOf, policyWithout } from './policies.ts'
import { openSession, type PoolOpener, type Session } from './session.ts'
import { stopUnservable } from './stop-unservable.ts'
import { type Swept, sweepIfDue } from './sweep-if-due.ts'

/** A list that takes longer is unknown for this tick: one cloud that hangs holds up no other. */
const lookMs = 20_000
/** What a cloud that is away when a run starts is waited for; the next run asks again. */
const patienceMs = 5_000

export interface CapacityTick extends TickReport {
  readonly now: number
  readonly wants: readonly { readonly want: Want; readonly state: WantState }[]
  readonly breakers: readonly (Breaker & { readonly consoleTail?: string })[]
  readonly hubLimits: readonly HubLimit[]
  /** Pools that can launch nothing, since what their spec means could not be read. */
  readonly broken: ReadonlyMap<string, ContractError>
  /** Scopes whose machines this journal does not know yet: nothing is launched there before a second look. */
  readonly strange: readonly string[]
  readonly news: readonly UnitNews[]
  /** Jobs that were ended at the hub, since no machine can be made for them. */
  readonly stopped?: readonly Unservable[]
  /** What else had no right to live, where it was looked for. */
  readonly swept?: Swept
}

/** The pools of an installation, and what is wanted of them as long as anybody looks. */
export interface Capacity extends AsyncDisposable {
  /** Some pool could not be read. */
  isBroken(): boolean
  tick(lockWaitMs: number): Promise<CapacityTick>
  /** What a tick would do; nothing is done. */
  preview(): Promise<CapacityTick>
}

/** Opens every pool, or `only` with those that share a type with it. One that cannot be read stops no other. */
export async function openCapacity(
  context: Context,
  { only, wake }: { readonly only: string | undefined; readonly wake: AbortSignal },
): Promise<Capacity> {
  const { settings, effects } = context
  const broken = new Map<string, ContractError>()
  const session = await openSession(context, 'capacity', poolsOf(settings, only), wake, leniently(broken))
  const { engine, agentTypes, scopes } = session
  const asking = askingOf(context, session, only)
  const looking: Looking = {
    scopes,
    kinds: ['instance'],
    agentTypes: [...agentTypes.keys()],
    queues: [...agentTypes.keys()],
    lookMs,
    jobs: true,
  }
  const triedAt = new Map<string, number>()
  const told = (report: TickReport): CapacityTick => {
    const { journal } = engine
    const known = new Set(
      journal.acquaintances().flatMap(one => (one.since === undefined ? [] : [one.scope])),
    )
    const all = [...scopes].flatMap(([name, of]) => of.map(scope => `${name}/${scopeKey(scope)}`))
    return {
      ...report,
      news: unitNews(report, journal),
      now: effects.clock.now(),
      wants: wantStates(report.policy.wants, report.picture, attemptsMaxOf(report.policy)),
      breakers: journal.breakers().map(one => withConsole(one, journal.unitsIn(one.firstLaunchId ?? ''))),
      hubLimits: journal.hubLimits(),
      broken,
      strange: all.filter(scope => !known.has(scope)),
    }
  }
  return {
    isBroken: () => broken.size > 0,
    async tick(lockWaitMs) {
      session.beat()
      const ticked = await tick(engine, { ...asking, lockWaitMs }, looking)
      await recallConsoles(engine)
      const report = told(ticked)
      const stopped = settings.stopsUnservableJobs ? await stopUnservable(session, report, triedAt) : []
      // The works of a host leave that to one that is there for it.
      const isSwept = !context.shared && !report.fatal
      const swept = isSwept ? await sweepIfDue(context, session, lockWaitMs) : undefined
      return { ...report, ...(swept && { swept }), ...(stopped.length > 0 && { stopped }) }
    },
    preview: async () => told(await preview(engine, asking, looking)),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** An earlier host may have seen the first failure. */
async function recallConsoles({ journal }: Session['engine']): Promise<void> {
  const launchIds = journal.breakers().flatMap(one => one.firstLaunchId ?? [])
  await journal.recall?.([], launchIds)
}

function withConsole(breaker: Breaker, units: readonly UnitRecord[]) {
  const tail = units.find(unit => unit.consoleTail !== undefined)?.consoleTail
  return tail === undefined ? breaker : { ...breaker, consoleTail: tail }
}

/** One pool is never looked at without those that may serve the same jobs. */
function poolsOf({ pools, agentTypes }: Settings, only: string | undefined): readonly string[] {
  if (only === undefined) return Object.keys(pools)
  if (!pools[only]) throw noSuchPool(pools, only)
  const siblings = Object.values(agentTypes).filter(type => type.pools.includes(only))
  return [...new Set(siblings.flatMap(type => type.pools))]
}

/** A spec that is wrong is a person's to mend; one that cannot be read now is for a later run. */
function leniently(broken: Map<string, ContractError>): PoolOpener {
  return async (context, pool, provider, finish) => {
    parsedSpec(context, pool, provider)
    try {
      return await finish(await policyOf(context, pool, provider, patienceMs))
    } catch (error) {
      if (!isContractError(error) || context.signal.aborted) throw error
      broken.set(pool.name, error)
      context.log.warn(error.message, { pool: pool.name })
      return { policy: policyWithout(pool, provider) }
    }
  }
}
