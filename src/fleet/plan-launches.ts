import type { Offering } from '@agentctl/contract'
import { isAcquainted, isForgetful } from './acquaintance.ts'
import type { Launch, Want } from './actions.ts'
import { awaitedWants } from './on-its-way.ts'
import { lookKey } from './picture.ts'
import type { PlanInput } from './plan.ts'
import { type PoolPolicy, probeEveryMs } from './policy.ts'
import type { UnitRecord } from './records.ts'
import { freeOf, roomsOf } from './rooms.ts'
import { attemptsMaxOf, wantStates } from './wants.ts'

interface Candidate {
  readonly want: Want
  readonly attempt: number
  readonly last: UnitRecord | undefined
}

/** New machines for open wants, oldest first, as far as concurrency, pools, breakers and the hub allow. */
export function planLaunches(input: PlanInput): readonly Launch[] {
  const { policy, memory, now } = input
  if (policy.intent !== 'run') return []
  let free = freeOf(input)
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
  return batches(picked, input)
}

function candidates({ picture, policy, now }: PlanInput): readonly Candidate[] {
  const awaited = awaitedWants(picture, policy, now)
  return wantStates(policy.wants, picture, attemptsMaxOf(policy)).flatMap(({ want, state }) =>
    (state.state === 'open' || state.state === 'refused') && !awaited.has(want.key)
      ? [{ want, attempt: state.attempt, last: state.last }]
      : [],
  )
}

function placeFor({ want, last }: Candidate, input: PlanInput, rooms: Map<string, number>) {
  const { policy } = input
  const places = (policy.agentTypes.get(want.agentType)?.pools ?? []).flatMap(name => {
    const pool = policy.pools.get(name)
    if (!pool || (want.pool ?? name) !== name || (rooms.get(name) ?? 0) <= 0) return []
    return inStock(pool, input).map(offering => ({ pool, offering }))
  })
  const isReclaimed = last?.reason === 'spot-reclaimed'
  const calm = isReclaimed ? places.find(({ offering }) => offering.market === 'on-demand') : undefined
  return calm ?? places[0]
}

/** Not where the list failed: what is there, perhaps for this very want, is unknown. */
function inStock(pool: PoolPolicy, input: PlanInput): readonly Offering[] {
  const { memory, now } = input
  const gone = memory.stockOuts.filter(one => one.pool === pool.name && one.until > now)
  return pool.resolved.offerings.filter(
    one => !gone.some(out => out.offeringId === one.id) && isKnown(input, pool, one),
  )
}

function isKnown({ picture, memory }: PlanInput, { provider }: PoolPolicy, { scope }: Offering): boolean {
  const key = lookKey(provider, scope)
  return picture.knownScopes.has(key) && isAcquainted(memory, key)
}

function batches(
  picked: readonly { candidate: Candidate; pool: PoolPolicy; offering: Offering }[],
  input: PlanInput,
): readonly Launch[] {
  const groups = Map.groupBy(picked, ({ candidate, pool, offering }) =>
    JSON.stringify([
      pool.name,
      offering.id,
      candidate.want.agentType,
      candidate.attempt,
      candidate.want.jobId === undefined,
    ]),
  )
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const { pool, offering, candidate } = first
    const size = batchSizeIn(pool, offering, input)
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

function batchSizeIn(pool: PoolPolicy, { scope }: Offering, { memory, now }: PlanInput): number {
  const isAlone = pool.isShared || isForgetful(memory, lookKey(pool.provider, scope), now)
  return isAlone ? 1 : pool.capabilities.launchBatchMax
}

function whyOf(count: number, { want, attempt, last }: Candidate): string {
  if (want.purpose !== undefined) return want.purpose
  const jobs = count === 1 ? '1 job waits' : `${count} jobs wait`
  return attempt === 1 || !last?.reason ? `${jobs} without a machine` : `${jobs} again after ${last.reason}`
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}
