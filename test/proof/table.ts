import { killsCount } from '../kills/deaths.ts'
import { bugs } from './bugs.ts'
import { sometimes } from './sometimes.ts'
import type { Totals } from './totals.ts'

export interface Proof {
  readonly totals: Totals | undefined
  /** Of the enumerated crash points, each a story of its own. */
  readonly points: Totals | undefined
  /** Names of planted bugs that no story caught. */
  readonly missed: readonly string[] | undefined
  readonly unreached: readonly string[]
  /** Worst orphan life by provider. Unit: milliseconds. */
  readonly lives: ReadonlyMap<string, number> | undefined
}

/** As Markdown. What was not run has no row. */
export function tableOf({ totals, points, missed, unreached, lives }: Proof): string {
  const rows: (readonly [string, string])[] = []
  if (totals)
    rows.push(
      ['stories', count(totals.stories)],
      ['launches simulated', count(totals.launches)],
      ['machines', count(totals.machines)],
      ['faults injected', count(totals.faults)],
      ['controllers that died', count(totals.deaths)],
      ['leaked machine-minutes', totals.leakedMinutes.toFixed(totals.leakedMinutes > 0 ? 1 : 0)],
      ['doubled jobs', count(totals.doubled)],
      ['stories in which something did not hold', count(totals.failed.length)],
      ['"sometimes" reached', `${sometimes.length - unreached.length} of ${sometimes.length}`],
    )
  if (points)
    rows.push(
      ['crash points, once and each time, with the journal kept and lost', count(points.stories)],
      ['crash points after which something did not hold', count(points.failed.length)],
    )
  rows.push(['kills of the real command line, by `npm run test:kills`', count(killsCount)])
  if (missed) rows.push(['planted bugs caught', `${bugs.length - missed.length} of ${bugs.length}`])
  for (const [provider, ms] of lives ?? [])
    rows.push([`worst orphan life with the controller dead: ${provider}`, lifeOf(ms)])
  return [
    '| what | how many |',
    '| --- | --- |',
    ...rows.map(([what, many]) => `| ${what} | ${many} |`),
  ].join('\n')
}

function lifeOf(ms: number): string {
  return Number.isFinite(ms)
    ? `${ms / 1000} s past its deadline`
    : 'until the next tick or reap, from any host'
}

const count = (many: number) => many.toLocaleString('en')
