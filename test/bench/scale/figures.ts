import type { Figures } from './measure.ts'

interface Column {
  readonly name: string
  readonly of: (figures: Figures) => number
}

const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0)
const hostsCpu = (figures: Figures) => sum(figures.hostsCpu)
const callsOf =
  (...names: readonly string[]) =>
  ({ calls }: Figures) =>
    Math.round(sum(names.map(name => calls[name] ?? 0)))

/** What is told of each plan, in this order; the first three say which it is. */
export const columns: readonly Column[] = [
  { name: 'hosts', of: ({ hosts }) => hosts },
  { name: 'machines', of: ({ load }) => load.live },
  { name: 'jobs/min', of: ({ load }) => load.jobsPerMinute },
  { name: 'job to create call, median s', of: one => one.createdAfterMs.median / 1_000 },
  { name: 'the same, p95 s', of: one => one.createdAfterMs.p95 / 1_000 },
  { name: 'look to look, median s', of: one => one.lookedEveryMs.median / 1_000 },
  { name: 'the same, p95 s', of: one => one.lookedEveryMs.p95 / 1_000 },
  { name: 'slowest tick of a second, mean s', of: ({ tickMs }) => tickMs / 1_000 },
  { name: 'CPU of hosts, s/s', of: hostsCpu },
  { name: 'of the busiest host', of: one => Math.max(...one.hostsCpu) },
  { name: 'CPU s for 1,000 jobs', of: one => (hostsCpu(one) * 60_000) / one.load.jobsPerMinute },
  { name: 'peak MB a host', of: ({ peakMb }) => Math.round(Math.max(...peakMb)) },
  { name: 'database CPU, s/s', of: ({ databaseCpu }) => databaseCpu },
  { name: 'commits/s', of: ({ commits }) => Math.round(commits) },
  { name: 'rows written/s', of: ({ rowsWritten }) => Math.round(rowsWritten) },
  { name: 'WAL kB/s', of: ({ walBytes }) => Math.round(walBytes / 1_000) },
  { name: 'connections', of: ({ connections }) => connections },
  { name: 'create calls/min', of: callsOf('launch') },
  { name: 'list pages/min', of: callsOf('list') },
  { name: 'console reads/min', of: callsOf('console') },
  { name: 'hub calls/min', of: callsOf('queue', 'metrics', 'agents', 'job') },
  { name: 'throttled/min', of: callsOf('throttled') },
]

/** Two digits that say something, or all of a whole number. */
function shown(figure: number): string {
  if (figure >= 10) return Math.round(figure).toLocaleString('en')
  return String(Number(figure.toPrecision(2)))
}

/** One line a figure, one column a plan, and how many times the last is the first: as a table of Markdown. */
export function linesOf(plans: readonly Figures[]): readonly string[] {
  const rows = columns.map(({ name, of }) => {
    const values = plans.map(of)
    const [first = 0, last = 0] = [values[0], values.at(-1)]
    const growth = first > 0 ? `${shown(last / first)} times` : ''
    return [name, ...values.map(shown), growth]
  })
  const head = ['', ...plans.map(() => ''), 'growth']
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
}

/** What must not have been, in words; nothing when all is well. */
export function wrongsOf(plans: readonly Figures[]): readonly string[] {
  return plans.flatMap(({ hosts, load, wrongs }) =>
    Object.entries(wrongs)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${hosts} hosts, ${load.live} machines: ${count} ${name}`),
  )
}
