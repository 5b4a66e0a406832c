import { execFile, spawn } from 'node:child_process'
import { hostname, tmpdir } from 'node:os'
import process from 'node:process'

/** What the kernel offers and no file call does. Nothing here reads a clock or a random source. */

export const ownPid = process.pid
export const isLinux = process.platform === 'linux'
export const hostArch = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
/** The Node that runs this, which runs the guest hosts too. */
export const nodePath = process.execPath
export const hostName = hostname
export const temporaryFolder = tmpdir

/** True when the signal went out, false when there is no such process. @throws EPERM */
export function sendSignal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

export interface Detached {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Gets what the process says before it has a console of its own. */
  readonly outputFd: number
}

/** Resolves once the process runs, in a session of its own, with nothing that ties it to this one. */
export function spawnDetached(command: string, args: readonly string[], options: Detached): Promise<void> {
  const { cwd, env, outputFd } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', outputFd, outputFd],
    })
    child.once('spawn', resolve).once('error', reject)
    child.unref()
  })
}

export interface RunOptions {
  readonly path: string
  /** The program is killed after this time. Unit: milliseconds. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Outcome {
  /** Undefined where a signal ended the program, or it could not be started. */
  readonly status: number | undefined
  readonly output: string
  readonly errors: string
  /** The system's error number where the program could not be started, such as ENOENT. */
  readonly code?: string
}

/** Runs a program to its end, or ends it; never rejects. Its environment is `PATH` alone. */
export function run(command: readonly string[], options: RunOptions): Promise<Outcome> {
  const [file = '', ...args] = command
  const { path, timeoutMs, signal } = options
  return new Promise(resolve => {
    const bounds = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, ...(signal && { signal }) }
    execFile(file, args, { env: { PATH: path, LANG: 'C' }, ...bounds }, (error, output, errors) => {
      const code = error && typeof error.code === 'string' ? error.code : undefined
      const status = error ? (typeof error.code === 'number' ? error.code : undefined) : 0
      resolve({ status, output, errors, ...(code !== undefined && { code }) })
    })
  })
}
