import { downAt } from './levels.ts'
import type { Life } from './life.ts'
import type { Span } from './money.ts'
import { outcomeOf } from './outcome.ts'

export const barKinds = ['launching', 'booting', 'online', 'ending'] as const
export type BarKind = (typeof barKinds)[number]

export interface Bar {
  /** From 0; machines that were never there at once share one. */
  readonly lane: number
  readonly kind: BarKind
  readonly from: number
  readonly to: number
}

export interface Lanes {
  readonly count: number
  readonly bars: readonly Bar[]
  /** Ends of machines that failed. */
  readonly failures: readonly { readonly lane: number; readonly at: number; readonly reason: string }[]
  /** Machines that are not shown, since they were the older ones of too many. */
  readonly left: number
}

/** Every machine a bar, in as few lanes as there were machines at once. */
export function lanesOf(lives: readonly Life[], span: Span, machinesMax: number): Lanes {
  const all = lives.flatMap(life => {
    const { decided, gone } = life.times
    return decided === undefined ? [] : [{ life, from: Math.max(span.from, decided), to: gone ?? span.to }]
  })
  const shown = all.toSorted((a, b) => a.from - b.from).slice(-machinesMax)
  const freeAt: number[] = []
  const placed = shown.map(({ life, from, to }) => {
    const found = freeAt.findIndex(at => at <= from)
    const lane = found === -1 ? freeAt.length : found
    freeAt[lane] = to
    return { life, lane }
  })
  return {
    count: freeAt.length,
    bars: placed.flatMap(({ life, lane }) => barsOf(life, span).map(bar => ({ lane, ...bar }))),
    failures: placed.flatMap(({ life, lane }) =>
      outcomeOf(life) === 'failed' ? [{ lane, at: endOf(life, span), reason: life.reason ?? 'unknown' }] : [],
    ),
    left: all.length - shown.length,
  }
}

function endOf({ times }: Life, span: Span): number {
  return times.gone ?? downAt(times) ?? span.to
}

function barsOf({ times }: Life, span: Span): readonly Omit<Bar, 'lane'>[] {
  const { decided = 0, accepted, registered, gone } = times
  const end = gone ?? span.to
  const down = downAt(times) ?? end
  const ends = [accepted ?? end, registered ?? down, registered === undefined ? undefined : down, end]
  let from = Math.max(span.from, decided)
  return barKinds.flatMap((kind, at) => {
    const to = ends[at]
    if (to === undefined || to <= from) return []
    const bar = { kind, from, to }
    from = to
    return [bar]
  })
}
