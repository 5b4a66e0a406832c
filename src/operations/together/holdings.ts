import type { Beat } from '@agentctl/contract'

/** One work in the hands of this host. */
export interface Holding {
  readonly since: number
  /** It is being given back. */
  readonly isLeaving: boolean
}

/** How many works this host should hold now. */
export function shareOf({ isDraining, takers, works }: Beat): number {
  return isDraining ? 0 : Math.ceil(works / Math.max(1, takers))
}

/** Those to give back, the latest first: what was held for long has the most in its memory. */
export function toGiveBack<T extends Holding>(holdings: readonly T[], beat: Beat): readonly T[] {
  const staying = holdings.filter(one => !one.isLeaving)
  return staying
    .toSorted((one, other) => other.since - one.since)
    .slice(0, Math.max(0, staying.length - shareOf(beat)))
}
