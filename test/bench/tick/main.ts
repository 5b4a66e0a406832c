// What a tick costs with so many machines: `node test/bench/tick/main.ts COUNT` prints one line of JSON.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@agentctl/contract'
import { type Capacity, openCapacity } from '../../../src/operations/capacity.ts'
import { createBenchCloud } from './cloud.ts'
import { benchContext } from './context.ts'

const ticks = 9
const tickMs = 2_000
/** A share of the machines that ends, and begins, between two ticks that have something to do. */
const turnover = 0.01

export interface TickFigures {
  readonly machines: number
  /** Nothing changes. Unit: milliseconds, as all of these. */
  readonly quietMs: number
  /** One in a hundred machines has ended, and as many are launched. */
  readonly busyMs: number
  /** The same two, in time of the processors. */
  readonly quietCpuMs: number
  readonly busyCpuMs: number
  /** All ticks that launched the machines, divided by their number. */
  readonly launchEachMs: number
  readonly launchCalls: number
  /** Highest resident memory of the process. */
  readonly peakMb: number
}

const count = Number(process.argv[2] ?? 100)
let time = Date.parse('2026-01-01T00:00:00Z')
const clock: Clock = {
  now: () => time,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
}

const folder = mkdtempSync(join(tmpdir(), 'agentctl-bench-'))
const cloud = createBenchCloud(clock.now)

/** Unit: milliseconds, of the clock and of the processors. */
interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
}

async function timed(capacity: Capacity): Promise<Cost> {
  time += tickMs
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const { fatal } = await capacity.tick(60_000)
  if (fatal) throw fatal
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 }
}

async function median(capacity: Capacity, before: () => void): Promise<Cost> {
  const costs: Cost[] = []
  for (let at = 0; at < ticks; at += 1) {
    before()
    costs.push(await timed(capacity))
  }
  const middle = (of: keyof Cost) =>
    costs.map(cost => cost[of]).toSorted((one, other) => one - other)[Math.floor(ticks / 2)] ?? Number.NaN
  return { wallMs: middle('wallMs'), cpuMs: middle('cpuMs') }
}

async function figures(): Promise<TickFigures> {
  await using capacity = await openCapacity(benchContext(folder, clock, cloud, count), {
    only: undefined,
    wake: new AbortController().signal,
  })
  cloud.queueJobs(count)
  let launchMs = 0
  for (let tries = 0; cloud.machines.size < count; tries += 1) {
    if (tries > 20 + count / 10)
      throw new Error(`${cloud.machines.size} of ${count} machines after ${tries} ticks`)
    launchMs += (await timed(capacity)).wallMs
  }
  const launchCalls = cloud.calls.launch
  await timed(capacity)
  await timed(capacity)
  const quiet = await median(capacity, () => undefined)
  const share = Math.ceil(count * turnover)
  const busy = await median(capacity, () => {
    cloud.finish(share)
    cloud.queueJobs(share)
  })
  // Who has ended makes room once that is certain, which takes a second look.
  if (cloud.machines.size < count - 2 * share)
    throw new Error(`only ${cloud.machines.size} of ${count} machines`)
  const peakMb = process.resourceUsage().maxRSS / 1024
  return {
    machines: count,
    quietMs: quiet.wallMs,
    busyMs: busy.wallMs,
    quietCpuMs: quiet.cpuMs,
    busyCpuMs: busy.cpuMs,
    launchEachMs: launchMs / count,
    launchCalls,
    peakMb,
  }
}

try {
  process.stdout.write(`${JSON.stringify(await figures())}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
