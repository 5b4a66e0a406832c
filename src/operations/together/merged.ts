import type { Picture } from '../../fleet/picture.ts'
import type { Policy } from '../../fleet/policy.ts'
import type { CapacityTick } from '../capacity.ts'
import type { Swept } from '../sweep-if-due.ts'

/** What a host has seen and done since it was told last. */
export interface HostTicks {
  /** The latest of each work. */
  readonly last: ReadonlyMap<string, CapacityTick>
  /** All of them, oldest first. */
  readonly since: readonly CapacityTick[]
  readonly swept: readonly Swept[]
  readonly owner: string
  readonly now: number
}

/** The works of a host as if they were one: what is, from the latest look at each; what was done, from all of them. */
export function mergedTick({ last, since, swept, owner, now }: HostTicks): CapacityTick {
  const ticks = [...last.values()]
  const all = <T>(of: (tick: CapacityTick) => Iterable<T>) => ticks.flatMap(tick => [...of(tick)])
  const done = <T>(of: (tick: CapacityTick) => Iterable<T> | undefined) =>
    since.flatMap(tick => [...(of(tick) ?? [])])
  const ended = swept.flatMap(one => one.ended)
  const frozen = swept.findLast(one => one.frozen !== undefined)?.frozen
  const picture: Picture = {
    units: all(tick => tick.picture.units),
    strays: all(tick => tick.picture.strays),
    queues: new Map(all(tick => tick.picture.queues)),
    jobs: new Map(all(tick => tick.picture.jobs)),
    knownScopes: new Set(all(tick => tick.picture.knownScopes)),
  }
  const policy: Policy = {
    owner,
    pools: new Map(all(tick => tick.policy.pools)),
    agentTypes: new Map(all(tick => tick.policy.agentTypes)),
    wants: all(tick => tick.policy.wants),
    concurrency: Number.POSITIVE_INFINITY,
    maxAlive: ticks.reduce((sum, tick) => sum + tick.policy.maxAlive, 0),
    intent: 'run',
    isMine: launch => ticks.some(tick => tick.policy.isMine(launch)),
    surplus: new Map(all(tick => tick.policy.surplus)),
  }
  return {
    now,
    picture,
    policy,
    before: all(tick => tick.before),
    unseen: [...new Set(all(tick => tick.unseen))],
    actions: done(tick => tick.actions),
    waits: new Map(all(tick => tick.waits)),
    fatal: ticks.find(tick => tick.fatal)?.fatal,
    wants: all(tick => tick.wants),
    breakers: all(tick => tick.breakers),
    hubLimits: all(tick => tick.hubLimits),
    broken: new Map(all(tick => tick.broken)),
    strange: [...new Set(all(tick => tick.strange))],
    news: done(tick => tick.news),
    stopped: done(tick => tick.stopped),
    ...(swept.length > 0 && { swept: { ended, ...(frozen !== undefined && { frozen }) } }),
  }
}
