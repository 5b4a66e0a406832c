import { createDice } from '@agentctl/provider-sim'

const minute = 60_000
const hour = 60 * minute

export interface Arrival {
  /** From the start of the day. Unit: milliseconds. */
  readonly at: number
  readonly count: number
  readonly jobMs: number
}

/** Jobs an hour, by the hour: quiet nights, a ramp in the morning, a working day, an evening. */
const rates: readonly number[] = [
  ...[4, 3, 3, 3, 3, 4, 8],
  ...[40, 120, 200, 240, 240, 180, 220, 240, 240, 200, 140],
  ...[60, 30, 15, 10, 6, 4],
]

export interface TraceOptions {
  readonly seed: string
  /** From the start of the day, and its length. Unit: milliseconds. */
  readonly from?: number
  readonly lengthMs?: number
  /** Jobs that come all at once. */
  readonly burst?: number
  readonly burstsAt?: readonly number[]
}

/** A day of jobs of half a minute to twenty minutes, most of about three; the same for the same seed. */
export function trace({
  seed,
  from = 0,
  lengthMs = 24 * hour,
  burst = 500,
  burstsAt = [10.5 * hour, 14 * hour, 21 * hour],
}: TraceOptions): readonly Arrival[] {
  const dice = createDice(seed)
  const jobMs = () => Math.round(Math.min(20, Math.max(0.5, 3 * Math.exp(0.8 * normal()))) * minute)
  const normal = () => Math.sqrt(-2 * Math.log(1 - dice.next())) * Math.cos(2 * Math.PI * dice.next())
  const arrivals: Arrival[] = []
  for (let at = from; at < from + lengthMs; ) {
    const rate = rates[Math.floor(at / hour) % 24] ?? 1
    at += (-Math.log(1 - dice.next()) * hour) / rate
    arrivals.push({ at: Math.round(at), count: 1, jobMs: jobMs() })
  }
  for (const at of burstsAt) {
    for (let number = 0; number < burst; number++) arrivals.push({ at, count: 1, jobMs: jobMs() })
  }
  return arrivals
    .filter(({ at }) => at >= from && at < from + lengthMs)
    .toSorted((one, other) => one.at - other.at)
}
