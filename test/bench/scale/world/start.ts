import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Load } from '../load.ts'
import type { WorldFacts } from './routes.ts'

export interface RunningWorld extends AsyncDisposable {
  readonly pid: number
  /** Host and port. */
  readonly endpoint: string
  /** Since it was asked last. */
  facts(): Promise<WorldFacts>
  /** Machines are there, and jobs come, from now on. */
  begin(): Promise<void>
  /** No more jobs. */
  dry(): Promise<void>
}

/** A cloud and a hub as a process of their own. */
export async function startWorld(load: Load): Promise<RunningWorld> {
  const file = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [file, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the world did not begin')
    }),
  ])
  const endpoint = String(line).trim()
  const ask = async (what: string) => (await fetch(`http://${endpoint}/bench/${what}`)).json()
  return {
    pid: child.pid ?? 0,
    endpoint,
    facts: async () => (await ask('facts')) as WorldFacts,
    begin: async () => void (await ask('begin')),
    dry: async () => void (await ask('dry')),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
