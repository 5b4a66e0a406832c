// What many hosts on one coordinator cost, and how it grows: `npm run bench:scale`.
import { availableParallelism, loadavg } from 'node:os'
import { linesOf, wrongsOf } from './figures.ts'
import { type Figures, measured, openStage, settled } from './measure.ts'
import { planOf } from './plans.ts'

const full = { live: 10_000, pools: 200, scopes: 20, windowMs: 30_000 }
const jobsPerMinuteOf = (live: number) => live / 10

async function figuresOf(hosts: number, live: number): Promise<Figures> {
  const startedAt = performance.now()
  await using stage = await openStage(planOf({ ...full, hosts, live, jobsPerMinute: jobsPerMinuteOf(live) }))
  await settled(stage)
  const figures = await measured(stage)
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  process.stderr.write(
    `${hosts} hosts, ${live} machines: ${seconds} s, load average ${loadavg()[0]?.toFixed(1)}\n`,
  )
  return figures
}

const byMachines: Figures[] = []
for (const live of [1_000, 2_500, 5_000, 10_000]) byMachines.push(await figuresOf(2, live))
const two = byMachines.at(-1) as Figures
const byHosts = [
  await figuresOf(1, full.live),
  two,
  await figuresOf(4, full.live),
  await figuresOf(8, full.live),
]

const say = (line: string) => process.stdout.write(`${line}\n`)
const series: readonly (readonly [string, readonly Figures[]])[] = [
  ['By machines, on 2 hosts', byMachines],
  [`By hosts, with ${full.live} machines`, byHosts],
]
say(
  `${availableParallelism()} processors, Node ${process.version}, ${full.pools} pools in ${full.scopes} regions`,
)
for (const [title, plans] of series) {
  say(`\n${title}\n`)
  for (const line of linesOf(plans)) say(line)
}
const wrongs = wrongsOf([...byMachines, ...byHosts])
for (const wrong of wrongs) say(`WRONG: ${wrong}`)
say(wrongs.length === 0 ? '\nNo job had two machines, no machine was for nobody, no pool had too many.' : '')
if (wrongs.length > 0) process.exitCode = 1
