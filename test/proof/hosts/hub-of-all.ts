import type { SimHub } from '../../sim/queue.ts'
import type { Installation } from './installation.ts'

/** The hubs of all agent types as one, for what happens to all of them. */
export function hubOfAll({ hubs, sim, jobs }: Installation) {
  const dice = sim.cloud.dice.fork('which hub')
  const all = [...hubs.values()]
  const [first, ...rest] = all
  if (!first) throw new Error('There is no hub')
  const sum = (of: (hub: SimHub) => number) => all.reduce((total, hub) => total + of(hub), 0)
  return {
    get jobs() {
      return new Map(jobs())
    },
    get asked() {
      return { queue: sum(hub => hub.asked.queue), agents: sum(hub => hub.asked.agents) }
    },
    get refusals() {
      return sum(hub => hub.refusals)
    },
    get outage() {
      return first.outage
    },
    set outage(error: Error | undefined) {
      for (const hub of all) hub.outage = error
    },
    get isStale() {
      return first.isStale
    },
    set isStale(isStale: boolean) {
      for (const hub of all) hub.isStale = isStale
    },
    get ceiling() {
      return first.ceiling
    },
    set ceiling(ceiling: number) {
      for (const hub of all) hub.ceiling = ceiling
    },
    add: (count: number) => dice.pick([first, ...rest]).add(count),
    cancel(id: string) {
      for (const hub of all) hub.cancel(id)
    },
  }
}
