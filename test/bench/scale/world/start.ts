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
  /** No more jobs. */
  dry(): void
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
  return {
    pid: child.pid ?? 0,
    endpoint,
    facts: async () => (await (await fetch(`http://${endpoint}/bench/facts`)).json()) as WorldFacts,
    dry: () => void child.kill('SIGUSR2'),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
