import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  /** Both streams so far. */
  readonly output: () => string
  readonly ended: Promise<Ended>
}

/** A home of its own, so that no test sees the journal, the configuration or the instances of another. */
export interface Home extends Disposable {
  readonly folder: string
  readonly env: Record<string, string>
  /** What its commands are started by, such as `nsenter`: words before theirs. */
  readonly wrapper?: readonly string[]
  /** The command line to start: the checkout's, unless another is installed. */
  bin: string
}

export function newHome(env: Record<string, string> = {}): Home {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-cli-'))
  return {
    folder,
    bin: checkout,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      AGENTCTL_OWNER: 'test-ci',
      ...env,
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** How the built command line is called: a program and its arguments. */
export function commandOf(
  { wrapper = [], bin }: Home,
  args: readonly string[],
): readonly [string, ...string[]] {
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, bin, ...args]
  return [program, ...rest]
}

/** Starts the built command line in a home. */
export function start(home: Home, ...args: readonly string[]): Running {
  const [program, ...rest] = commandOf(home, args)
  const child = spawn(program, rest, {
    cwd: home.folder,
    env: home.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', text => {
    texts.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', text => {
    texts.stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
  return { child, output: () => texts.stdout + texts.stderr, ended }
}

export function run(home: Home, ...args: readonly string[]): Promise<Ended> {
  return start(home, ...args).ended
}

/** Polls until `isTrue`; fails with `what` after `limitMs`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
