import { spawnSync } from 'node:child_process'

/** Wall time of a program, from start to end. Unit: milliseconds. @throws Error when it fails */
export function timeOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  const ms = performance.now() - startedAt
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`)
  return ms
}

/** A Node that does nothing: the machine and its load weigh on it as on what it is compared with. */
export function bareMs(): number {
  return timeOf(['-e', '0'])
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

/**
 * How many times as long as a bare Node each takes: in each round every one is measured right after a Node of its own,
 * so that what else the machine does falls on both. The median of the rounds.
 */
export async function ratiosOf<Name extends string>(
  measures: Readonly<Record<Name, () => number | Promise<number>>>,
  rounds: number,
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(measures) as Name[]
  const seen = new Map(names.map(name => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const bare = bareMs()
      seen.get(name)?.push((await measures[name]()) / bare)
    }
  }
  return Object.fromEntries(names.map(name => [name, medianOf(seen.get(name) ?? [])])) as Record<Name, number>
}
