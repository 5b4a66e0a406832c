import type { Offering } from '@agentctl/contract'
import type { Launch, Want } from './actions.ts'
import { isAlive, lookKey, type Picture } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { breakerFailuresMax, type PoolPolicy, probeEveryMs } from './policy.ts'
import type { UnitRecord } from './records.ts'
import { attemptsMaxOf, wantStates } from './wants.ts'

interface Candidate {
  readonly want: Want
  readonly attempt: number
  readonly last: UnitRecord | undefined
}

/** New machines for open wants, oldest first, as far as concurrency, pools, breakers and the hub allow. */
export function planLaunches(input: PlanInput): readonly Launch[] {
  const { picture, policy, memory, now } = input
  if (policy.intent !== 'run') return []
  let free =
    policy.concurrency - picture.units.filter(view => isAlive(view) && policy.isMine(view.launch)).length
  const rooms = roomsOf(input)
  const probes = new Set<string>()
  const picked: { candidate: Candidate; pool: PoolPolicy; offering: Offering }[] = []

  for (const candidate of candidates(input)) {
    if (free <= 0) break
    const { agentType } = candidate.want
    const limit = memory.hubLimits.find(one => one.agentType === agentType)
    if (limit && (probes.has(agentType) || now - limit.lastProbeAt < probeEveryMs)) continue
    const place = placeFor(candidate, input, rooms)
    if (!place) continue
    if (limit) probes.add(agentType)
    rooms.set(place.pool.name, (rooms.get(place.pool.name) ?? 0) - 1)
    picked.push({ candidate, ...place })
    free--
  }
  return batches(picked)
}

function candidates({ picture, policy }: PlanInput): readonly Candidate[] {
  return wantStates(policy.wants, picture, attemptsMaxOf(policy)).flatMap(({ want, state }) =>
    state.state === 'open' || state.state === 'refused'
      ? [{ want, attempt: state.attempt, last: state.last }]
      : [],
  )
}

/** Machines that each pool may still get; all that may exist count, whoever launched them. */
function roomsOf({ picture, policy, memory, now }: PlanInput): Map<string, number> {
  const alive = Map.groupBy(picture.units.filter(isAlive), view => view.launch.pool)
  return new Map(
    [...policy.pools.values()].map(pool => {
      const count = alive.get(pool.name)?.length ?? 0
      const breaker = memory.breakers.find(one => one.pool === pool.name)
      if (breaker && breaker.openUntil > now) return [pool.name, 0]
      const room = pool.max - count
      if (!breaker || breaker.failures < breakerFailuresMax) return [pool.name, room]
      // Half open: one machine has to come online before the others follow.
      const isProbing = alive.get(pool.name)?.some(({ unit }) => unit.entered.online === undefined) ?? false
      return [pool.name, isProbing ? 0 : Math.min(1, room)]
    }),
  )
}

/** After a reclaim the next machine is not a spot one, where any pool of the type gives a choice. */
function placeFor({ want, last }: Candidate, input: PlanInput, rooms: Map<string, number>) {
  const { policy } = input
  const places = (policy.agentTypes.get(want.agentType)?.pools ?? []).flatMap(name => {
    const pool = policy.pools.get(name)
    if (!pool || (rooms.get(name) ?? 0) <= 0) return []
    return inStock(pool, input).map(offering => ({ pool, offering }))
  })
  const isReclaimed = last?.reason === 'spot-reclaimed'
  const calm = isReclaimed ? places.find(({ offering }) => offering.market === 'on-demand') : undefined
  return calm ?? places[0]
}

/** Not where the list failed: what is there, perhaps for this very want, is unknown. */
function inStock(pool: PoolPolicy, { memory, picture, now }: PlanInput): readonly Offering[] {
  const gone = memory.stockOuts.filter(one => one.pool === pool.name && one.until > now)
  return pool.resolved.offerings.filter(
    one => !gone.some(out => out.offeringId === one.id) && isKnown(picture, pool, one),
  )
}

function isKnown({ knownScopes }: Picture, { provider }: PoolPolicy, { scope }: Offering): boolean {
  return knownScopes.has(lookKey(provider, scope))
}

function batches(
  picked: readonly { candidate: Candidate; pool: PoolPolicy; offering: Offering }[],
): readonly Launch[] {
  const groups = Map.groupBy(picked, ({ candidate, pool, offering }) =>
    JSON.stringify([pool.name, offering.id, candidate.want.agentType, candidate.attempt]),
  )
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const { pool, offering, candidate } = first
    const size = pool.isShared ? 1 : pool.capabilities.launchBatchMax
    return chunks(group, size).map(
      (chunk): Launch => ({
        kind: 'launch',
        pool: pool.name,
        agentType: candidate.want.agentType,
        offering,
        attempt: candidate.attempt,
        wants: chunk.map(one => one.candidate.want),
        why: whyOf(chunk.length, candidate),
      }),
    )
  })
}

function whyOf(count: number, { attempt, last }: Candidate): string {
  const jobs = count === 1 ? '1 job waits' : `${count} jobs wait`
  return attempt === 1 || !last?.reason ? `${jobs} without a machine` : `${jobs} again after ${last.reason}`
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}
