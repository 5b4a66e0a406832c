import type { TestProject } from 'vitest/node'
import { type Engine, startEngine, whatIsMissing } from './engine.ts'
import { prepareGuest } from './guest.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null where this machine cannot boot machines. */
    engine: Engine | null
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
    return async () => undefined
  }
  prepareGuest()
  const { stop, ...engine } = await startEngine({ name: 'machines', network: '10.213.7' })
  project.provide('engine', engine)
  return stop
}
