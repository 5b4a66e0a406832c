/** How long something took, over many. Unit: milliseconds. */
export interface Spread {
  readonly count: number
  readonly medianMs: number
  readonly p95Ms: number
  readonly longestMs: number
}

/** By nearest rank: each figure is one that was measured. Undefined of nothing. */
export function spreadOf(durationsMs: readonly number[]): Spread | undefined {
  const sorted = durationsMs.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  if (sorted.length === 0) return undefined
  return { count: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), longestMs: at(1) }
}
