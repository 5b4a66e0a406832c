// A day of load in virtual time: agentctl's own loop next to the incumbent's algorithm. `npm run bench:capacity`.
import { table } from '../../../src/views/table.ts'
import { type Figures, replayIncumbent, replayOurs } from './replay.ts'
import { trace } from './trace.ts'

const hour = 3_600_000
const seed = process.argv[2] ?? 'day'
const day = { arrivals: trace({ seed }), from: 0, lengthMs: 24 * hour, seed }

const warm = {
  max: 600,
  idle: 1,
  schedules: [{ cron: '45 6 * * *', 'time-zone': 'UTC', for: '12h', idle: 12 }],
}

const rows: Figures[] = []
for (const replay of [
  () => replayIncumbent('incumbent', { max: 600 }, day),
  () => replayIncumbent('incumbent, 10 % more', { max: 600, over: { percent: 10 } }, day),
  () => replayIncumbent('incumbent, 5 more', { max: 600, over: { count: 5 } }, day),
  () => replayOurs('agentctl, nothing kept ready', { max: 600 }, day),
  () => replayOurs('agentctl, some kept ready', warm, day),
]) {
  const startedAt = performance.now()
  rows.push(await replay())
  process.stderr.write(`${rows.at(-1)?.name}: ${Math.round((performance.now() - startedAt) / 1000)} s\n`)
}

const headings = [
  '',
  'JOBS',
  'WAIT MEDIAN',
  'P95',
  'IDLE MIN',
  'MACHINE MIN',
  'LAUNCHES',
  'HUB CALLS',
  'CLOUD CALLS',
]
for (const line of table(
  headings,
  rows.map(row => [
    row.name,
    `${row.jobs - row.unfinished}/${row.jobs}`,
    `${row.waitMedianS} s`,
    `${row.waitP95S} s`,
    ...[row.idleMinutes, row.machineMinutes, row.launches, row.hubCalls, row.cloudCalls].map(String),
  ]),
)) {
  process.stdout.write(`${line}\n`)
}
