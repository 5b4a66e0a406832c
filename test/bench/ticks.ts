import { outputOf } from './child.ts'
import { bareMs, medianOf } from './pairs.ts'
import type { Row } from './row.ts'
import type { TickFigures } from './tick/main.ts'

const counts = [100, 1_000, 10_000] as const
/** Ten times the machines may cost so many times as much: linear, and some room for the machine's other work. */
const growthMax = 15
/** Highest resident memory, by machines. Unit: MB. */
const memoryMax: Readonly<Record<number, number>> = { 100: 200, 10000: 400 }

/** What a tick costs, and how that grows with the machines. */
export async function tickRows(): Promise<readonly Row[]> {
  const bare = medianOf(Array.from({ length: 9 }, bareMs))
  const figures: TickFigures[] = []
  for (const count of counts) figures.push(JSON.parse(await outputOf('./tick/main.ts', String(count))))
  const row = (what: string, figure: number, unit: string, atMost?: number): Row => ({
    ...{ benchmark: 'tick', what, figure, unit },
    ...(atMost !== undefined && { atMost }),
  })
  const growth = (of: 'quietCpuMs' | 'busyCpuMs') =>
    figures.slice(1).map((after, at) => {
      const before = figures[at] as TickFigures
      const what = `${of === 'quietCpuMs' ? 'quiet' : 'busy'} tick, from ${before.machines} to ${after.machines} machines`
      return row(what, after[of] / before[of], 'times as long', growthMax)
    })
  return [
    ...figures.flatMap(({ machines, quietMs, busyMs, launchCalls, peakMb }) => [
      row(`quiet tick, ${machines} machines`, quietMs / bare, '×'),
      row(`busy tick (1 in 100 ends, as many begin), ${machines} machines`, busyMs / bare, '×'),
      row(
        `launches of ${machines} machines, 100 at most in each`,
        launchCalls,
        'calls',
        Math.ceil(machines / 100),
      ),
      row(
        `peak memory, ${machines} machines, with the cloud in the same process`,
        Math.round(peakMb),
        'MB',
        memoryMax[machines],
      ),
    ]),
    ...growth('quietCpuMs'),
    ...growth('busyCpuMs'),
  ]
}
