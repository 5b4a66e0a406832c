import { createHash } from 'node:crypto'
import type { Work } from '@agentctl/contract'
import type { Settings } from '../config/types.ts'
import { base32 } from '../fleet/launch-id.ts'

/** Pools that may serve the same jobs: one host looks after all of them at a time. */
export interface PoolWork extends Work {
  readonly pools: readonly string[]
  readonly agentTypes: readonly string[]
}

/** What belongs to no pool any more, and what outlived its deadline: swept by one host at a time. */
export const sweepWork: Work = { name: '*', subjects: [workSubject('*')] }

export function poolSubject(pool: string): string {
  return `pool/${pool}`
}

export function typeSubject(agentType: string): string {
  return `type/${agentType}`
}

export function workSubject(name: string): string {
  return `work/${name}`
}

/** The works of an installation: its pools, those that share an agent type together. */
export function worksOf({ pools, agentTypes }: Pick<Settings, 'pools' | 'agentTypes'>): readonly PoolWork[] {
  const leaders = new Map(Object.keys(pools).map(pool => [pool, pool]))
  const leaderOf = (pool: string): string => {
    const next = leaders.get(pool) ?? pool
    return next === pool ? pool : leaderOf(next)
  }
  const types = Object.values(agentTypes)
  for (const { pools: of } of types) {
    const [first] = of
    for (const pool of of) if (first !== undefined) leaders.set(leaderOf(pool), leaderOf(first))
  }
  const groups = Map.groupBy(Object.keys(pools), leaderOf)
  return [...groups.values()].map(group => {
    const members = group.toSorted()
    const fed = types.filter(type => type.pools.some(pool => members.includes(pool))).map(type => type.name)
    const name = nameOf(members)
    const subjects = [...members.map(poolSubject), ...fed.map(typeSubject), workSubject(name)]
    return { name, subjects, pools: members, agentTypes: fed }
  })
}

const nameMax = 200

function nameOf(pools: readonly string[]): string {
  const name = pools.join('+')
  if (name.length <= nameMax) return name
  return `${name.slice(0, nameMax - 27)}-${base32(createHash('sha256').update(name).digest()).slice(0, 26)}`
}
