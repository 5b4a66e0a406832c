import { execFile, execFileSync, spawn } from 'node:child_process'
import { hostname } from 'node:os'
import process from 'node:process'

/** What the kernel offers and no file call does. Nothing here reads a clock, a random source or the environment. */

export const ownPid = process.pid
export const isLinux = process.platform === 'linux'
/** The Node that runs this, which runs the guest hosts too. */
export const nodePath = process.execPath
export const hostName = hostname

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

/** Whether the command ends with status 0 within two seconds. */
export function succeeds(command: readonly string[], path: string): Promise<boolean> {
  const [file = '', ...args] = command
  return new Promise(resolve => {
    execFile(file, args, { env: { PATH: path }, timeout: 2000, killSignal: 'SIGKILL' }, error =>
      resolve(!error),
    )
  })
}

/** What `ps` prints, or nothing where it finds nothing. Only where there is no `/proc`. */
export function ps(args: readonly string[]): string {
  try {
    return execFileSync('ps', [...args], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return ''
  }
}
