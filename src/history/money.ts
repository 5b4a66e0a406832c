import type { Life } from './life.ts'
import { outcomeOf } from './outcome.ts'

/** What machines cost, as the configuration says it. */
export interface PriceList {
  readonly currency: string
  readonly pools: Readonly<
    Record<string, { readonly perHour?: number; readonly offerings: Readonly<Record<string, number>> }>
  >
}

export interface Span {
  readonly from: number
  readonly to: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Of an hour: the configuration's price before the provider's own. Undefined where nobody says. */
export function priceOf(life: Life, { pools }: PriceList): number | undefined {
  const { perHour, offerings = {} } = pools[life.pool] ?? {}
  const names = [life.offering, `${life.instanceType}/${life.market}`, life.instanceType]
  const named = names.find(name => Object.hasOwn(offerings, name))
  return named === undefined ? (perHour ?? life.pricePerHour) : offerings[named]
}

/** How long there was a machine, within that span: from its acceptance until it was gone. Unit: milliseconds. */
export function aliveMs({ times }: Life, { from, to }: Span): number {
  if (times.accepted === undefined) return 0
  return Math.max(0, Math.min(to, times.gone ?? to) - Math.max(from, times.accepted))
}

export interface DayFigure {
  /** `2026-11-26`, in UTC. */
  readonly day: string
  /** Decided on that day. */
  readonly machines: number
  /** Finished on that day. */
  readonly jobs: number
  readonly minutes: number
  readonly cost?: number
}

export interface MoneyFigures {
  readonly minutes: number
  readonly currency: string
  /** Machines that were there, and of which nobody says what they cost: they are in no sum. */
  readonly unpriced: number
  readonly cost?: number
  /** All that was spent, by the jobs that ran. */
  readonly costPerJob?: number
  readonly days: readonly DayFigure[]
}

/** Costs are left out where no price is known at all. */
export function moneyFigures(lives: readonly Life[], span: Span, prices: PriceList): MoneyFigures {
  const made = lives.filter(life => aliveMs(life, span) > 0)
  const priced = made.filter(life => priceOf(life, prices) !== undefined)
  const jobs = lives.filter(life => outcomeOf(life) === 'served').length
  const isPriced = priced.length > 0
  const cost = costOf(priced, span, prices)
  return {
    minutes: minutesOf(made, span),
    currency: prices.currency,
    unpriced: made.length - priced.length,
    ...(isPriced && { cost }),
    ...(isPriced && jobs > 0 && { costPerJob: cost / jobs }),
    days: daysOf(span).map(day => dayFigure(lives, day, isPriced ? prices : undefined)),
  }
}

export function minutesOf(lives: readonly Life[], span: Span): number {
  return lives.reduce((sum, life) => sum + aliveMs(life, span), 0) / 60_000
}

export function costOf(lives: readonly Life[], span: Span, prices: PriceList): number {
  return lives.reduce((sum, life) => sum + (aliveMs(life, span) / hourMs) * (priceOf(life, prices) ?? 0), 0)
}

function daysOf({ from, to }: Span): readonly Span[] {
  const first = Math.floor(from / dayMs)
  return Array.from({ length: Math.floor(Math.max(from, to - 1) / dayMs) - first + 1 }, (_, at) => {
    const start = (first + at) * dayMs
    return { from: Math.max(from, start), to: Math.min(to, start + dayMs) }
  })
}

function dayFigure(lives: readonly Life[], day: Span, prices: PriceList | undefined): DayFigure {
  const isIn = (at: number | undefined) => at !== undefined && at >= day.from && at < day.to
  return {
    day: new Date(day.from).toISOString().slice(0, 10),
    machines: lives.filter(life => isIn(life.times.decided)).length,
    jobs: lives.filter(life => outcomeOf(life) === 'served' && isIn(life.times.jobFinished)).length,
    minutes: minutesOf(lives, day),
    ...(prices && { cost: costOf(lives, day, prices) }),
  }
}
