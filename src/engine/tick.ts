import type { ContractError } from '@agentctl/contract'
import { toContractError } from '../errors/to-contract-error.ts'
import { acquaint } from '../fleet/acquaintance.ts'
import type { Action } from '../fleet/actions.ts'
import type { Facts, Picture } from '../fleet/picture.ts'
import { plan } from '../fleet/plan.ts'
import type { Policy } from '../fleet/policy.ts'
import type { Acquaintance, UnitRecord, Wait } from '../fleet/records.ts'
import { waitsOf } from '../fleet/waits.ts'
import { actGuard } from './act-guard.ts'
import { actLaunch, actResume, actSettle } from './act-launch.ts'
import { actTerminate } from './act-terminate.ts'
import { nextBreakers, nextHubLimits, plannedEnds, turnsOf } from './breaker.ts'
import type { Engine } from './deps.ts'
import type { Looking } from './gather.ts'
import { noteJobs } from './note-jobs.ts'
import { type KeysOf, type Sight, see } from './see.ts'

/** Longest wait for another command of this owner to finish its tick. */
const lockWaitMs = 180_000

/** What a command wants of a tick, in the light of what is seen. */
export interface Asking {
  readonly keysOf: KeysOf
  readonly policyOf: (sight: Pick<Sight, 'picture' | 'memory' | 'now'>) => Policy | Promise<Policy>
  /** Unit: milliseconds; default 3 minutes. */
  readonly lockWaitMs?: number
}

export interface TickReport {
  /** What could not be seen, each with the reason. */
  readonly unseen: readonly string[]
  /** As it was seen, before the actions. */
  readonly picture: Picture
  /** Units as they were written down before it. */
  readonly before: readonly UnitRecord[]
  readonly policy: Policy
  readonly actions: readonly Action[]
  /** Why jobs have no machine after these actions; see `waitsOf`. */
  readonly waits: ReadonlyMap<string, Wait | 'none'>
  /** Set when something has to be done by a person before it makes sense to go on. */
  readonly fatal: ContractError | undefined
}

/** Observe, plan, act: once. Every command that changes anything is a number of these. */
export async function tick(engine: Engine, asking: Asking, looking: Looking): Promise<TickReport> {
  const { lock, clock, signal } = engine
  return lock.during(
    async () => {
      const seen = await look(engine, asking, looking)
      const { picture, policy } = seen
      const input = { picture, memory: memoryFor(engine, policy), policy, now: clock.now() }
      const actions = plan(input)
      const waits = waitsOf(input, actions)
      noteJobs(engine, input, waits)
      noteActions(engine, picture, actions)
      // Each is waited for, whatever becomes of the others: the lock is held until nothing is in flight.
      const results = await Promise.all(
        actions.map(action => act(engine, action, policy).catch(toContractError)),
      )
      return { ...seen, actions, waits, fatal: results.find(result => result !== undefined) }
    },
    { waitMs: asking.lockWaitMs ?? lockWaitMs, signal },
  )
}

/** What a tick would do. It writes down what it sees, and nothing else: give it a journal that is a draft. */
export async function preview(engine: Engine, asking: Asking, looking: Looking): Promise<TickReport> {
  const seen = await look(engine, asking, looking)
  const { picture, policy } = seen
  const input = { picture, memory: memoryFor(engine, policy), policy, now: engine.clock.now() }
  const actions = plan(input)
  return { ...seen, actions, waits: waitsOf(input, actions), fatal: undefined }
}

function unseenIn({ looks, queues, agents }: Facts): readonly string[] {
  const named = [
    ...looks.map(one => [`${one.provider} ${one.scope}`, one.resources] as const),
    ...[...queues].map(([type, queue]) => [`the queue of ${type}`, queue] as const),
    ...[...agents].map(([type, seen]) => [`the agents of ${type}`, seen] as const),
  ]
  return named.flatMap(([what, seen]) => (seen.state === 'unknown' ? [`${what}: ${seen.why}`] : []))
}

/** Looks, and writes down what was seen before anything is decided on it. */
async function look(
  engine: Engine,
  { keysOf, policyOf }: Asking,
  looking: Looking,
): Promise<Pick<TickReport, 'picture' | 'before' | 'policy' | 'unseen'>> {
  const { journal, providers } = engine
  const { facts, picture, launches, units, memory, now } = await see(engine, looking, keysOf)
  journal.save({ launches, units })
  const capabilitiesOf = (name: string) => providers.get(name)?.capabilities
  meet(engine, acquaint(facts, memory, capabilitiesOf))

  const turns = turnsOf(picture, memory)
  for (const breaker of nextBreakers(turns, picture, memory, now)) journal.saveBreaker(breaker)
  const limits = nextHubLimits(turns, picture, memory, now)
  for (const limit of limits.set) journal.saveHubLimit(limit)
  for (const agentType of limits.cleared) journal.clearHubLimit(agentType)
  const policy = await policyOf({ picture, memory, now })
  return { picture, before: memory.units, policy, unseen: unseenIn(facts) }
}

/** Writes down which scopes the journal has come to know, and says once why nothing is launched there yet. */
function meet({ journal, log }: Engine, acquaintances: readonly Acquaintance[]): void {
  const known = new Set(journal.acquaintances().map(one => one.scope))
  for (const one of acquaintances) {
    journal.saveAcquaintance(one)
    if (one.since !== undefined || known.has(one.scope)) continue
    log.info('A scope that this journal does not know: launches wait for a second look', { scope: one.scope })
  }
}

/** What the plan itself changes of breakers and probes. */
function noteActions({ journal, clock }: Engine, picture: Picture, actions: readonly Action[]): void {
  const now = clock.now()
  const memory = journal.memory([])
  for (const breaker of nextBreakers(plannedEnds(picture, actions), picture, memory, now))
    journal.saveBreaker(breaker)
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
  // Without offerings its spec could not be read: the same call could not be made again.
  if (!pool || pool.resolved.offerings.length === 0) return undefined
  return action.kind === 'launch' ? actLaunch(engine, action, pool) : actResume(engine, action, pool)
}
