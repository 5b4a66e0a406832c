import { type ChildProcess, spawn } from 'node:child_process'
import type { ConsoleReport } from '../../src/fleet/picture.ts'
import { readConsole } from '../../src/presence/console.ts'
import type { Engine } from './engine.ts'

export interface GuestConsole {
  text(): string
  report(): ConsoleReport
  /** The first line, past or to come, that fits. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>
  /** All that the container has said is in `text` when this is done. */
  readonly closed: Promise<void>
  close(): void
}

/** Follows a container's console, which Docker keeps as its log. */
export function followConsole({ host }: Engine, container: string): GuestConsole {
  const child = spawn('docker', ['logs', '--follow', container], {
    env: { ...process.env, DOCKER_HOST: host },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return consoleOf(child)
}

/** The console that a process prints; closing it ends the process. */
export function consoleOf(child: ChildProcess): GuestConsole {
  let text = ''
  const looks = new Set<() => void>()
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8')
    for (const look of looks) look()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const closed = new Promise<void>(resolve => child.on('close', () => resolve()))
  return {
    text: () => text,
    report: () => readConsole(text),
    line: (pattern, timeoutMs = 300_000) => {
      const find = () => text.split(/\r?\n/).find(line => pattern.test(line))
      return new Promise((resolve, reject) => {
        const end = (act: () => void) => {
          clearTimeout(timer)
          looks.delete(look)
          act()
        }
        const look = () => {
          const found = find()
          if (found !== undefined) end(() => resolve(found))
        }
        const fail = (why: string) => end(() => reject(new Error(`${why}: ${pattern}\n${tail(text)}`)))
        const timer = setTimeout(() => fail(`not on the console in ${timeoutMs} ms`), timeoutMs)
        looks.add(look)
        void closed.then(() => {
          if (looks.has(look)) fail('the console ended without')
        })
        look()
      })
    },
    closed,
    close: () => {
      child.kill('SIGKILL')
    },
  }
}

/** What agentctl said, and the last lines. */
export function tail(text: string): string {
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '')
  const ours = lines.filter(line => line.startsWith('agentctl:'))
  return [...ours, '--- last lines', ...lines.slice(-25)].join('\n')
}
