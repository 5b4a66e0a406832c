import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sendSignal } from '../effects.ts'
import type { Enclosure } from '../isolation.ts'
import type { UnitPaths } from '../paths.ts'
import { type EnvironmentMark, endMarked, identify } from '../processes.ts'
import type { Identity } from '../records.ts'
import { pause } from './effects.ts'
import { drain, openPipe } from './pipe.ts'

/** Rounds of sweeping before the rest is left to `terminate`, and the pause between. */
const sweeps = 100
const sweepPauseMs = 10

export interface TreeOptions {
  readonly unit: UnitPaths
  readonly mark: EnvironmentMark
  readonly enclosure: Enclosure
  readonly env: Readonly<Record<string, string>>
  /** The script, from its beginning. Closed here. */
  readonly scriptFd: number
  readonly onOutput: (bytes: Uint8Array) => void
}

export interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Tree {
  readonly enclosure: string
  readonly ended: Promise<Ending>
  /** Resolves once the last writer of the console is gone. */
  readonly drained: Promise<void>
  /** The process to end so that the tree ends; undefined until it has been seen, and after its end. */
  leader(): Identity | undefined
  /** SIGTERM to the script alone: what that means for its children is the script's to say. */
  ask(): boolean
  /** SIGKILL to everything in it. Resolves when nothing is left, or when that cannot be reached. */
  end(): Promise<void>
}

/**
 * The first process of a PID namespace ignores every signal that it does not handle and has to take in orphans; so the
 * script is its child. `exit` keeps the shell from becoming the script.
 */
const asFirst = ['sh', '-c', 'bash /dev/fd/3; exit $?']
const asLeader = ['bash', '/dev/fd/3']

/** @throws the system's own errors where the tree cannot be started */
export function startTree(options: TreeOptions): Tree {
  const { unit, mark, enclosure, env, scriptFd, onOutput } = options
  const isNamespace = enclosure.name !== 'process-group'
  const [file = '', ...args] = [...enclosure.prefix, ...(isNamespace ? asFirst : asLeader)]
  const pipe = openPipe(join(unit.run, '.console'))
  const child = spawn(file, args, {
    cwd: unit.home,
    env: { ...env },
    detached: true,
    stdio: ['ignore', pipe.writeFd, pipe.writeFd, scriptFd],
  })
  closeSync(pipe.writeFd)
  closeSync(scriptFd)
  const pid = child.pid
  const first = () => (pid === undefined ? undefined : isNamespace ? childrenOf(pid)[0] : pid)
  const script = () => (isNamespace ? childrenOf(first())[0] : pid)
  return {
    enclosure: enclosure.name,
    ended: endingOf(child),
    drained: drain(pipe.readFd, onOutput),
    leader: () => identifyMaybe(first()),
    ask: () => {
      const target = script()
      return target !== undefined && sendSignal(target, 'SIGTERM')
    },
    end: () => endTree(pid, mark),
  }
}

async function endTree(pid: number | undefined, mark: EnvironmentMark): Promise<void> {
  if (pid !== undefined) quietly(() => sendSignal(-pid, 'SIGKILL'))
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isClean = quietly(() => endMarked(mark) === 0)
    if (isClean) return
    await pause(sweepPauseMs)
  }
}

/** The same without a pause, for a guest host that has no time left. */
export function endTreeNow(mark: EnvironmentMark): void {
  for (let sweep = 0; sweep < sweeps; sweep++) if (quietly(() => endMarked(mark) === 0)) return
}

/** A job's process that became another user's cannot be ended, and must not end the guest host either. */
function quietly(run: () => boolean): boolean {
  try {
    return run()
  } catch {
    return false
  }
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
}

function identifyMaybe(pid: number | undefined): Identity | undefined {
  return pid === undefined ? undefined : identify(pid)
}

/** The oldest first; orphans that a first process took in come after its own. */
function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return []
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
