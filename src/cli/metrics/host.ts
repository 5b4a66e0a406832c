import {
  freeWorks,
  type HostFacts,
  heldWorks,
  hostStates,
  statesOf,
  unlookedMs,
} from '../../operations/host-facts.ts'
import type { Instruments } from './instruments.ts'

/** How a host stands with the others, told to the instruments; the same told twice changes nothing. */
export function seeHost(on: Instruments, facts: HostFacts): void {
  const { host, now, beat, held, lostCount } = facts
  for (const gauge of [on.workHeld, on.hosts, on.works]) gauge.reset()
  for (const work of held) on.workHeld.set({ work, host }, 1)
  on.lost.reset()
  on.lost.inc(lostCount)
  on.tickAt.set((now - unlookedMs(facts)) / 1000)
  on.coordinatorUp.set(beat instanceof Error ? 0 : 1)
  if (held.length === 0) forgetPools(on)
  if (beat instanceof Error) return
  on.beatAt.set(now / 1000)
  // Zero is not to become minus zero.
  on.clockAhead.set(0 - beat.aheadMs / 1000)
  seeOthers(on, facts)
}

function seeOthers(on: Instruments, facts: HostFacts): void {
  const { hosts } = facts
  if (!hosts) return
  const states = statesOf(hosts).map(([, state]) => state)
  for (const state of hostStates) on.hosts.set({ state }, states.filter(one => one === state).length)
  on.works.set({ state: 'held' }, heldWorks(hosts))
  on.works.set({ state: 'free' }, freeWorks(facts) ?? 0)
}

/** Another host tells of them now: told twice they would count twice. */
function forgetPools(on: Instruments): void {
  for (const gauge of [on.machines, on.max, on.breakers, on.held, on.orphans]) gauge.reset()
  for (const gauge of [on.wants, on.jobs, on.hubAt, on.limited, on.scopeAt, on.unseen]) gauge.reset()
}
