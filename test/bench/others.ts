import { outputOf } from './child.ts'
import { bareMs, medianOf } from './pairs.ts'
import type { Row } from './row.ts'

/** Calls of EC2's API for each machine, on the emulated cloud. */
export async function apiRows(machines: number): Promise<readonly Row[]> {
  const text = await outputOf('./api-calls.ts', String(machines))
  const calls = [...text.matchAll(/^(\w+) +(\d+) calls ([\d.]+) a machine$/gm)]
  if (calls.length === 0) throw new Error(`no calls in: ${text}`)
  return calls.map(([, kind = '', , each = '']) => ({
    ...{ benchmark: 'API calls', what: `\`${kind}\`, ${machines} machines on EC2's emulator` },
    ...{ figure: Number(each), unit: 'a machine' },
  }))
}

/** From a container's start to its agent's registration, and from its power-off to its end. */
export async function containerRows(): Promise<readonly Row[]> {
  const text = await outputOf('./container-start.ts')
  const bare = medianOf(Array.from({ length: 9 }, bareMs)) / 1000
  return ['start to registered', 'power-off to terminate'].map(name => {
    const median = new RegExp(`^${name} +[\\d.]+ +([\\d.]+)`, 'm').exec(text)?.[1]
    if (median === undefined) throw new Error(`no ${name} in: ${text}`)
    return { benchmark: 'container', what: `${name}, median`, figure: Number(median) / bare, unit: '×' }
  })
}
