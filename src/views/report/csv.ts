import type { Figures } from '../../history/figures.ts'
import { csv } from '../csv.ts'

type Row = readonly [section: string, name: string, figure: string, value: string | number | undefined]

/** One figure a line: section, name, figure, value; durations in seconds, so that nothing has to be taken apart. */
export function reportCsv(figures: Figures): readonly string[] {
  const { machines, jobs, stages, waits, offerings, failures, money } = figures
  const rows: readonly Row[] = [
    ...of('machines', 'all', { ...machines }),
    ...of('jobs', 'all', { ...jobs }),
    ...stages.flatMap(({ name, count, medianMs, p95Ms, longestMs }) =>
      of('phase', name, {
        count,
        median_s: medianMs / 1000,
        p95_s: p95Ms / 1000,
        longest_s: longestMs / 1000,
      }),
    ),
    ...waits.flatMap(({ code, jobs: count, totalMs, why }) =>
      of('wait', code, { jobs: count, total_s: totalMs / 1000, example: why }),
    ),
    ...offerings.flatMap(({ pool, offering, wanted, served, failed, success, minutes, cost }) =>
      of('offering', `${pool} ${offering}`, { wanted, served, failed, success, minutes, cost }),
    ),
    ...failures.flatMap(({ reason, code, count, example }) =>
      of('failure', code === undefined ? reason : `${reason} ${code}`, {
        count,
        example: example.jobId ?? example.name,
        said: example.detail ?? example.fault,
      }),
    ),
    ...of('money', money.currency, {
      minutes: money.minutes,
      cost: money.cost,
      cost_per_job: money.costPerJob,
      unpriced: money.unpriced,
    }),
    ...money.days.flatMap(({ day, ...rest }) => of('day', day, rest)),
  ]
  return csv(['section', 'name', 'figure', 'value'], rows)
}

function of(
  section: string,
  name: string,
  figures: Readonly<Record<string, string | number | undefined>>,
): readonly Row[] {
  return Object.entries(figures).flatMap(([figure, value]): Row[] =>
    value === undefined ? [] : [[section, name, figure, value]],
  )
}
