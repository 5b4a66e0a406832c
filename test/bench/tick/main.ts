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

async function timed(capacity: Capacity): Promise<number> {
  time += tickMs
  const startedAt = performance.now()
  const { fatal } = await capacity.tick(60_000)
  if (fatal) throw fatal
  return performance.now() - startedAt
}

async function median(capacity: Capacity, before: () => void): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < ticks; at += 1) {
    before()
    times.push(await timed(capacity))
  }
  return times.toSorted((one, other) => one - other)[Math.floor(ticks / 2)] ?? Number.NaN
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
    launchMs += await timed(capacity)
  }
  const launchCalls = cloud.calls.launch
  await timed(capacity)
  await timed(capacity)
  const quietMs = await median(capacity, () => undefined)
  const share = Math.ceil(count * turnover)
  const busyMs = await median(capacity, () => {
    cloud.finish(share)
    cloud.queueJobs(share)
  })
  // Who has ended makes room once that is certain, which takes a second look.
  if (cloud.machines.size < count - 2 * share)
    throw new Error(`only ${cloud.machines.size} of ${count} machines`)
  const peakMb = process.resourceUsage().maxRSS / 1024
  return { machines: count, quietMs, busyMs, launchEachMs: launchMs / count, launchCalls, peakMb }
}

try {
  process.stdout.write(`${JSON.stringify(await figures())}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
