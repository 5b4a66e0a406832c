import { expiresAtOf } from '../../fleet/deadlines.ts'
import { isHeld } from '../../fleet/holds.ts'
import type { Phase } from '../../fleet/phases.ts'
import { isAlive } from '../../fleet/picture.ts'
import { endReasons } from '../../fleet/reasons.ts'
import { transitionsOf } from '../../fleet/transitions.ts'
import type { CapacityTick } from '../../operations/capacity.ts'
import type { UnitNews } from '../../operations/capacity-after.ts'
import type { CallSeen } from '../../operations/context.ts'
import { capacityJson } from '../../views/capacity.ts'
import type { Instruments } from './instruments.ts'

/** When things were seen last. All in milliseconds since the epoch. */
export interface Past {
  /** The look before, or the start. */
  since: number
  /** By agent type. */
  readonly hubAt: Map<string, number>
  /** By provider and scope. */
  readonly scopeAt: Map<string, number>
}

export function newPast(since: number): Past {
  return { since, hubAt: new Map(), scopeAt: new Map() }
}

/** One look, told to the instruments, and to the past of the next one. */
export function seeTick(on: Instruments, tick: CapacityTick, tookMs: number, past: Past): void {
  const { unseen, now, swept } = tick
  on.tickTook.observe(tookMs / 1000)
  for (const outcome of ['complete', 'partial', 'failed']) on.ticks.inc({ outcome }, 0)
  on.ticks.inc({ outcome: unseen.length > 0 ? 'partial' : 'complete' })
  on.tickAt.set(now / 1000)
  on.unseen.set(unseen.length)
  seeScopes(on, tick, past)
  seeTypes(on, tick, past)
  seePools(on, tick)
  for (const { ref } of swept?.ended ?? []) on.swept.inc({ kind: ref.kind })
  for (const { agentType } of tick.stopped ?? []) on.stopped.inc({ agent_type: agentType })
  for (const one of tick.news) seeUnit(on, one)
  past.since = now
}

function seeScopes(on: Instruments, { picture, unseen, now }: CapacityTick, { scopeAt }: Past): void {
  for (const key of picture.knownScopes) scopeAt.set(key, now)
  on.scopeAt.reset()
  for (const [key, at] of scopeAt) {
    const [provider = '', ...rest] = key.split('/')
    const scope = rest.join('/')
    const isFailing = unseen.some(what => what.startsWith(`${provider} ${scope}:`))
    // What is looked at no more may be another host's by now.
    if (picture.knownScopes.has(key) || isFailing) on.scopeAt.set({ provider, scope }, at / 1000)
    else scopeAt.delete(key)
  }
}

function seeTypes(on: Instruments, tick: CapacityTick, { hubAt, since }: Past): void {
  // A type may have left the configuration.
  for (const gauge of [on.wants, on.jobs, on.hubAt, on.limited]) gauge.reset()
  for (const { agentType, queued, running, isHubLimited, wants } of capacityJson(tick).types) {
    const type = { agent_type: agentType }
    // One that was never read counts from the start.
    hubAt.set(agentType, queued === null ? (hubAt.get(agentType) ?? since) : tick.now)
    on.hubAt.set(type, (hubAt.get(agentType) ?? since) / 1000)
    if (queued !== null) on.jobs.set({ ...type, state: 'queued' }, queued)
    if (running !== null) on.jobs.set({ ...type, state: 'running' }, running)
    on.limited.set(type, isHubLimited ? 1 : 0)
    for (const [state, count] of Object.entries(wants)) on.wants.set({ ...type, state }, count)
  }
}

function seePools(on: Instruments, tick: CapacityTick): void {
  const { pools, actions } = capacityJson(tick)
  const { picture, now } = tick
  for (const gauge of [on.machines, on.max, on.breakers, on.held, on.orphans]) gauge.reset()
  const alive = Map.groupBy(picture.units.filter(isAlive), view => view.launch.pool)
  for (const { pool, max, phases, breaker } of pools) {
    const views = alive.get(pool) ?? []
    on.max.set({ pool }, max)
    // A counter that begins with its first event hides that one from Prometheus.
    on.launched.inc({ pool }, 0)
    for (const reason of endReasons) on.gone.inc({ pool, reason }, 0)
    on.breakers.set({ pool }, breaker ? 1 : 0)
    on.held.set({ pool }, views.filter(view => isHeld(view, now)).length)
    on.orphans.set({ pool }, views.filter(view => view.instance && expiresAtOf(view) <= now).length)
    for (const [phase, count] of Object.entries(phases)) on.machines.set({ pool, phase }, count)
  }
  for (const { kind, pool, units } of actions) if (kind === 'launch') on.launched.inc({ pool }, units.length)
}

function seeUnit(on: Instruments, { unit, before, pool }: UnitNews): void {
  const told: Readonly<Partial<Record<Phase, () => void>>> = {
    online: () => on.starts.observe({ pool }, startMs(unit.entered) / 1000),
    gone: () => on.gone.inc({ pool, reason: unit.reason ?? 'unknown' }),
  }
  for (const { left, entered, tookMs } of transitionsOf(unit, before)) {
    if (left !== 'requested') on.phases.observe({ pool, phase: left }, tookMs / 1000)
    told[entered]?.()
  }
}

function startMs({ requested, booting, online = 0 }: UnitNews['unit']['entered']): number {
  return online - (requested ?? booting ?? online)
}

/** One call of a cloud, told to the instruments. */
export function seeCall(on: Instruments, { provider, callClass, outcome, tookMs }: CallSeen): void {
  const labels = { provider, class: callClass }
  on.calls.inc({ ...labels, outcome })
  on.callTook.observe(labels, tookMs / 1000)
  on.throttles.inc(labels, outcome === 'rate-limited' ? 1 : 0)
}
