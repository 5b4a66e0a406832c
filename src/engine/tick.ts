import type { ContractError } from '@agentctl/contract'
import type { Action } from '../fleet/actions.ts'
import { observe } from '../fleet/observe.ts'
import type { Picture } from '../fleet/picture.ts'
import { plan } from '../fleet/plan.ts'
import type { Policy } from '../fleet/policy.ts'
import { actLaunch, actResume, actSettle } from './act-launch.ts'
import { actTerminate } from './act-terminate.ts'
import { nextBreakers, nextHubLimits, turnsOf } from './breaker.ts'
import type { Engine } from './deps.ts'
import { gather, type Looking } from './gather.ts'

/** Longest wait for another command of this owner to finish its tick. */
const lockWaitMs = 60_000

export interface TickReport {
  /** As it was seen, before the actions. */
  readonly picture: Picture
  readonly actions: readonly Action[]
  /** Set when something has to be done by a person before it makes sense to go on. */
  readonly fatal: ContractError | undefined
}

/** Observe, plan, act: once. Every command that changes anything is a number of these. */
export async function tick(
  engine: Engine,
  policyAt: (now: number) => Policy,
  looking: Omit<Looking, 'toldEnd'>,
): Promise<TickReport> {
  const { journal, lock, clock, signal } = engine
  return lock.during(
    async () => {
      const { picture, policy } = await look(engine, policyAt, looking)
      const actions = plan({ picture, memory: memoryFor(engine, policy), policy, now: clock.now() })
      for (const action of actions) {
        if (action.kind !== 'launch') continue
        const limit = journal.memory([]).hubLimits.find(one => one.agentType === action.agentType)
        if (limit) journal.saveHubLimit({ ...limit, lastProbeAt: clock.now() })
      }
      const results = await Promise.all(actions.map(action => act(engine, action, policy)))
      return { picture, actions, fatal: results.find(result => result !== undefined) }
    },
    { waitMs: lockWaitMs, signal },
  )
}

/** Looks, and writes down what was seen before anything is decided on it. */
export async function look(
  engine: Engine,
  policyAt: (now: number) => Policy,
  looking: Omit<Looking, 'toldEnd'>,
): Promise<{ picture: Picture; policy: Policy }> {
  const { journal, clock, providers } = engine
  const before = policyAt(clock.now())
  const toldEnd = new Set(
    memoryFor(engine, before).units.flatMap(unit =>
      unit.reason && unit.instanceId ? [unit.instanceId] : [],
    ),
  )
  const facts = await gather(engine, { ...looking, toldEnd })

  const now = clock.now()
  const policy = policyAt(now)
  const memory = memoryFor(engine, policy)
  const { picture, launches, units } = observe(facts, memory, name => providers.get(name)?.capabilities, now)
  journal.save({ launches, units })

  const turns = turnsOf(picture, memory)
  for (const breaker of nextBreakers(turns, memory, now)) journal.saveBreaker(breaker)
  const limits = nextHubLimits(turns, picture, memory, now)
  for (const limit of limits.set) journal.saveHubLimit(limit)
  for (const agentType of limits.cleared) journal.clearHubLimit(agentType)
  return { picture, policy }
}

function memoryFor({ journal }: Engine, policy: Policy) {
  return journal.memory(policy.wants.map(want => want.key))
}

async function act(engine: Engine, action: Action, policy: Policy): Promise<ContractError | undefined> {
  if (action.kind === 'terminate') return actTerminate(engine, action)
  if (action.kind === 'settle') {
    actSettle(engine, action)
    return undefined
  }
  const pool = policy.pools.get(action.kind === 'launch' ? action.pool : action.launch.pool)
  if (!pool) return undefined
  return action.kind === 'launch' ? actLaunch(engine, action, pool) : actResume(engine, action, pool)
}
