import { homedir, hostname, userInfo } from 'node:os'

export const pid = process.pid
export const env: Readonly<Record<string, string | undefined>> = process.env
export const execPath = process.execPath

export function host(): { name: string; user: string; home: string } {
  return { name: hostname(), user: userName(), home: homedir() }
}

/** A user without an entry, as in containers, goes by its number. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user-${process.getuid?.() ?? 'unknown'}`
  }
}

/** Whether a process of this host exists; one that we may not signal does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What was given up on may hold a connection: that must not hold the process. Unit: milliseconds. */
const heldMs = 5_000

/** Ends the process shortly, unless it has ended by itself by then. */
export function leaveUnlessIdle(): void {
  setTimeout(() => process.exit(), heldMs).unref()
}

export function leave(code: number): never {
  process.exit(code)
}

/** Of Node.js, such as `24.1.0`. */
export const runtimeVersion = process.versions.node
