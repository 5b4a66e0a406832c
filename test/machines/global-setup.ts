import type { TestProject } from 'vitest/node'
import { type Engine, startEngine, whatIsMissing } from './engine.ts'
import { prepareGuest } from './guest.ts'
import { bootMachine } from './machine.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null where this machine cannot boot machines. */
    engine: Engine | null
    /** How much slower than an idle one this machine boots guests just now; from 1 to 8. */
    slowness: number
  }
}

/** One engine for all files; nothing of it is left afterwards but the cache. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const missing = whatIsMissing()
  if (missing !== undefined) {
    const why = `machine tests need ${missing}: see test/machines/setup.sh`
    if (process.env.CI) throw new Error(why)
    process.stderr.write(`skipped: ${why}\n`)
    project.provide('engine', null)
    project.provide('slowness', 1)
    return async () => undefined
  }
  prepareGuest()
  const { stop, ...engine } = await startEngine({ name: 'machines', network: '10.213.7' })
  project.provide('engine', engine)
  try {
    project.provide('slowness', await measureSlowness(engine))
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

/** From `docker run` to the power-off of a guest that does nothing, on an idle machine of 2 processors. */
const idleBootMs = 3500

async function measureSlowness(engine: Engine): Promise<number> {
  const userData = new TextEncoder().encode('#!/bin/sh\nsystemctl poweroff --force --force\n')
  const machine = await bootMachine(engine, { userData })
  try {
    const bootMs = await machine.poweredOff(300_000)
    const slowness = Math.min(8, Math.max(1, bootMs / idleBootMs))
    process.stderr.write(
      `a boot takes ${bootMs} ms; deadlines are ${slowness.toFixed(1)} times those of an idle machine\n`,
    )
    return slowness
  } finally {
    await machine.remove()
  }
}
