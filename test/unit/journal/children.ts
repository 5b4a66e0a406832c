import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const source = (file: string) => JSON.stringify(new URL(`../../../src/${file}`, import.meta.url).href)

/** What every child's script may use. */
const prelude = `
import { setTimeout as wait } from 'node:timers/promises'
import { openJournal } from ${source('journal/journal.ts')}
import { openLock } from ${source('journal/lock.ts')}
import { systemClock } from ${source('effects/clock.ts')}
import { systemRandom } from ${source('effects/random.ts')}
const [folder] = process.argv.slice(1)
const say = text => process.stdout.write(text + '\\n')
const signal = new AbortController().signal
`

export interface Child extends AsyncDisposable {
  /** Resolves with the line, once the child has said one that fits. */
  says(fits: RegExp): Promise<string>
  readonly lines: readonly string[]
  /** As the kernel does it: nothing of the child runs any more. */
  sigkill(): Promise<void>
  readonly exit: Promise<number | null>
}

/** A process of its own that runs a script on a folder. */
export function child(folder: string, script: string): Child {
  const running: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '--eval', prelude + script, folder],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('../../..', import.meta.url)) },
  )
  const exit = once(running, 'exit').then(([code]) => code as number | null)
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  createInterface(running.stdout).on('line', line => {
    lines.push(line)
    for (const tell of waiting) tell(line)
  })
  const sigkill = async () => {
    running.kill('SIGKILL')
    await exit
  }
  return {
    lines,
    exit,
    sigkill,
    says(fits) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const tell = (line: string) => {
        if (fits.test(line)) resolve(line)
      }
      waiting.add(tell)
      lines.forEach(tell)
      void exit.then(code => reject(new Error(`the child ended with ${code} and never said ${fits}`)))
      return promise.finally(() => waiting.delete(tell))
    },
    [Symbol.asyncDispose]: sigkill,
  }
}
