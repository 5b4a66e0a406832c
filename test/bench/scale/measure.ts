import { until } from '../../support/cli.ts'
import { type BenchDatabase, startDatabase } from './database.ts'
import { type Host, startHost } from './hosts.ts'
import type { Load } from './load.ts'
import { cpuOf, peakMbOf } from './processes.ts'
import { callNames } from './world/calls.ts'
import { type RunningWorld, startWorld } from './world/start.ts'

export interface Plan {
  readonly load: Load
  readonly hosts: number
  /** How long is measured, once everything has settled. */
  readonly windowMs: number
}

/** Of a window of time. */
export interface Figures extends Plan {
  readonly live: number
  /** Jobs for which a machine was asked for. */
  readonly jobs: number
  readonly createdAfterMs: Spread
  /** From one look at a queue to the next: a tick and its pause. */
  readonly lookedEveryMs: Spread
  /** Mean of the ticks as the hosts count them. */
  readonly tickMs: number
  /** Processor time for each second. */
  readonly hostsCpu: readonly number[]
  readonly databaseCpu: number
  readonly worldCpu: number
  readonly peakMb: readonly number[]
  /** For each second. */
  readonly commits: number
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly walBytes: number
  readonly connections: number
  readonly records: number
  readonly recordBytes: number
  /** For each minute. */
  readonly calls: Readonly<Record<string, number>>
  readonly wrongs: Readonly<Record<string, number>>
}

export interface Spread {
  readonly median: number
  readonly p95: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { median: at(0.5), p95: at(0.95) }
}

/** Hosts, database and world of one plan, until they are left. */
export interface Stage extends AsyncDisposable {
  readonly plan: Plan
  readonly world: RunningWorld
  readonly database: BenchDatabase
  readonly hosts: readonly Host[]
}

export async function openStage(plan: Plan): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const world = stack.use(await startWorld(plan.load))
  const database = stack.use(await startDatabase())
  const starts = Array.from({ length: plan.hosts }, async (_, index) =>
    stack.use(await startHost(plan.load, world.endpoint, database.address, index + 1)),
  )
  const hosts = await Promise.all(starts)
  // Where machines are that nobody wrote down, hosts are careful for minutes: they are to come after the first look.
  const { pools } = plan.load
  await until('every pool was looked at', async () => (await world.facts()).known === pools, 120_000)
  await world.begin()
  const owned = stack.move()
  return { plan, world, database, hosts, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Every machine is known to a host, and no more jobs wait than come in ten seconds. */
export async function settled({ plan: { load }, world, hosts }: Stage, limitMs = 180_000): Promise<void> {
  const few = 5 + (load.jobsPerMinute / 60) * 10
  await until(
    'everything has settled',
    async () => {
      await new Promise(resolve => setTimeout(resolve, 1_000))
      const known = await Promise.all(hosts.map(machinesOf))
      const { alive, jobs } = await world.facts()
      const seen = known.reduce((sum, one) => sum + one, 0)
      if (process.env.BENCH_PROGRESS) {
        process.stderr.write(
          `${Math.round(performance.now() / 1_000)} s: ${known.join(' + ')} of ${alive} machines known, ${jobs.waiting} jobs waiting\n`,
        )
      }
      return seen >= 0.98 * alive && jobs.waiting <= few
    },
    limitMs,
  )
}

async function machinesOf(host: Host): Promise<number> {
  const text = await host.metrics()
  const values = [...text.matchAll(/^agentctl_machines\{[^}]*\} (\d+)/gm)].map(([, value]) => Number(value))
  return values.reduce((sum, one) => sum + one, 0)
}

interface Moment {
  readonly at: number
  readonly hostsCpu: readonly number[]
  readonly databaseCpu: number
  readonly worldCpu: number
  readonly ticks: readonly { readonly sum: number; readonly count: number }[]
  readonly counts: Awaited<ReturnType<BenchDatabase['counts']>>
  readonly facts: Awaited<ReturnType<RunningWorld['facts']>>
}

async function momentOf({ world, database, hosts }: Stage): Promise<Moment> {
  const counts = await database.counts()
  const facts = await world.facts()
  const ticks = await Promise.all(hosts.map(ticksOf))
  const hostsCpu = hosts.map(({ pid }) => cpuOf(pid))
  return {
    ...{ at: performance.now(), hostsCpu, counts, facts, ticks },
    ...{ databaseCpu: cpuOf(database.pid), worldCpu: cpuOf(world.pid) },
  }
}

async function ticksOf(host: Host): Promise<{ sum: number; count: number }> {
  const text = await host.metrics()
  const of = (name: string) =>
    Number(new RegExp(`^agentctl_tick_duration_seconds_${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
  return { sum: of('sum'), count: of('count') }
}

/** What a window costs. */
export async function measured(stage: Stage): Promise<Figures> {
  const { plan, database, hosts } = stage
  const before = await momentOf(stage)
  await new Promise(resolve => setTimeout(resolve, plan.windowMs))
  const after = await momentOf(stage)
  const seconds = (after.at - before.at) / 1_000
  const each = (of: (moment: Moment) => number) => (of(after) - of(before)) / seconds
  const ticked = (of: 'sum' | 'count') =>
    after.ticks.reduce((sum, one, at) => sum + one[of] - (before.ticks[at]?.[of] ?? 0), 0)
  const { bytes, count } = await database.records()
  return {
    ...plan,
    live: after.facts.alive,
    jobs: after.facts.createdAfterMs.length,
    createdAfterMs: spreadOf(after.facts.createdAfterMs),
    lookedEveryMs: spreadOf(after.facts.lookedEveryMs),
    tickMs: (1_000 * ticked('sum')) / ticked('count'),
    hostsCpu: hosts.map((_, index) => each(moment => moment.hostsCpu[index] ?? 0)),
    databaseCpu: each(moment => moment.databaseCpu),
    worldCpu: each(moment => moment.worldCpu),
    peakMb: hosts.map(({ pid }) => peakMbOf(pid)),
    commits: each(moment => moment.counts.commits),
    rowsRead: each(moment => moment.counts.rowsRead),
    rowsWritten: each(moment => moment.counts.rowsWritten),
    walBytes: each(moment => moment.counts.walBytes),
    connections: await database.connections(),
    records: count,
    recordBytes: bytes,
    calls: Object.fromEntries(callNames.map(name => [name, 60 * each(moment => moment.facts.calls[name])])),
    wrongs: { ...after.facts.wrongs },
  }
}
