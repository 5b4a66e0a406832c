import process from 'node:process'

/** What the guest host takes from outside: it is a program of its own, so it has a clock and an environment. */

export const now = (): number => Date.now()
export const ownPid = process.pid
/** The first argument: of the guest host its unit's folder, of the forwarder its port. */
export const argument = process.argv[2] ?? ''
export const environment: Readonly<Record<string, string | undefined>> = process.env
export const { stdin, stdout } = process

export function exit(code: number): never {
  process.exit(code)
}

/** Unit: milliseconds, at most an hour. */
export function after(ms: number, run: () => void): NodeJS.Timeout {
  return setTimeout(run, Math.min(Math.max(ms, 1), 3_600_000))
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => after(ms, resolve))
}

export function onStopSignal(run: () => void): void {
  // A hang-up is the end of some terminal, which has nothing to do with this.
  process.on('SIGHUP', () => undefined)
  process.on('SIGTERM', run)
  process.on('SIGINT', run)
}

export function onFailure(run: (error: unknown) => void): void {
  process.on('uncaughtException', run)
}
