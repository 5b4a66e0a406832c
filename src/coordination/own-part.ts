import type { Tenure } from '@agentctl/contract'

/** What is not needed any more is left to others after so long: it may be needed again in the next tick. */
const keptMs = 30_000
/** Whoever got less than he asked for asks again so soon. Unit: milliseconds, both. */
const againMs = 5_000

/**
 * How many machines a work may have of all that the installation may have. It is asked for where more are needed than
 * it has, and from time to time where fewer are: all works of the owner take turns at it, so that a question in each
 * tick of each work would be what bounds their number.
 */
export function ownPart(
  tenure: Pick<Tenure, 'grant'>,
  { max, now }: { readonly max: number; readonly now: () => number },
): (needed: number) => Promise<number> {
  let part = 0
  let asked: { readonly at: number; readonly needed: number } | undefined

  function isToAsk(needed: number): boolean {
    if (!asked) return true
    const ageMs = now() - asked.at
    if (needed < part) return ageMs >= keptMs
    const isShort = part < asked.needed
    return needed > part && (!isShort || ageMs >= againMs)
  }

  return async needed => {
    if (!Number.isFinite(max)) return max
    if (!isToAsk(needed)) return part
    asked = { at: now(), needed }
    // Of a call that failed nobody knows what came: others may have by now what this work has no need of.
    part = await tenure.grant(needed, max).catch(() => Math.min(part, needed))
    return part
  }
}
