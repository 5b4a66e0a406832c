import type { ContractError } from '@agentctl/contract'
import { toContractError } from '../errors/to-contract-error.ts'
import type { Action } from '../fleet/actions.ts'
import type { Picture } from '../fleet/picture.ts'
import { plan } from '../fleet/plan.ts'
import type { Policy } from '../fleet/policy.ts'
import { actGuard } from './act-guard.ts'
import { actLaunch, actResume, actSettle } from './act-launch.ts'
import { actTerminate } from './act-terminate.ts'
import { nextBreakers, nextHubLimits, plannedEnds, turnsOf } from './breaker.ts'
import type { Engine } from './deps.ts'
import type { Looking } from './gather.ts'
import { see } from './see.ts'

/** Longest wait for another command of this owner to finish its tick. */
const lockWaitMs = 180_000

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
  looking: Looking,
): Promise<TickReport> {
  const { lock, clock, signal } = engine
  return lock.during(
    async () => {
      const { picture, policy } = await look(engine, policyAt, looking)
      const actions = plan({ picture, memory: memoryFor(engine, policy), policy, now: clock.now() })
      noteActions(engine, picture, actions)
      // Each is waited for, whatever becomes of the others: the lock is held until nothing is in flight.
      const results = await Promise.all(
        actions.map(action => act(engine, action, policy).catch(toContractError)),
      )
      return { picture, actions, fatal: results.find(result => result !== undefined) }
    },
    { waitMs: lockWaitMs, signal },
  )
}

/** Looks, and writes down what was seen before anything is decided on it. */
async function look(
  engine: Engine,
  policyAt: (now: number) => Policy,
  looking: Looking,
): Promise<{ picture: Picture; policy: Policy }> {
  const { journal, clock } = engine
  const wants = policyAt(clock.now()).wants.map(want => want.key)
  const { picture, launches, units, memory, now } = await see(engine, looking, wants)
  journal.save({ launches, units })

  const turns = turnsOf(picture, memory)
  for (const breaker of nextBreakers(turns, memory, now)) journal.saveBreaker(breaker)
  const limits = nextHubLimits(turns, picture, memory, now)
  for (const limit of limits.set) journal.saveHubLimit(limit)
  for (const agentType of limits.cleared) journal.clearHubLimit(agentType)
  return { picture, policy: policyAt(now) }
}

/** What the plan itself changes of breakers and probes. */
function noteActions({ journal, clock }: Engine, picture: Picture, actions: readonly Action[]): void {
  const now = clock.now()
  const memory = journal.memory([])
  for (const breaker of nextBreakers(plannedEnds(picture, actions), memory, now)) journal.saveBreaker(breaker)
  const launching = new Set(actions.flatMap(action => (action.kind === 'launch' ? [action.agentType] : [])))
  for (const limit of memory.hubLimits) {
    if (launching.has(limit.agentType)) journal.saveHubLimit({ ...limit, lastProbeAt: now })
  }
}

function memoryFor({ journal }: Engine, policy: Policy) {
  return journal.memory(policy.wants.map(want => want.key))
}

async function act(engine: Engine, action: Action, policy: Policy): Promise<ContractError | undefined> {
  if (action.kind === 'terminate') return actTerminate(engine, action)
  if (action.kind === 'guard') return actGuard(engine, action)
  if (action.kind === 'settle') {
    actSettle(engine, action)
    return undefined
  }
  const pool = policy.pools.get(action.kind === 'launch' ? action.pool : action.launch.pool)
  if (!pool) return undefined
  return action.kind === 'launch' ? actLaunch(engine, action, pool) : actResume(engine, action, pool)
}
