import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Of `systemd-notify`, which waits until the message was read. Unit: milliseconds. */
const timeoutMs = 5_000

export interface Notify {
  /** Tells systemd, such as `READY=1`; where nobody listens, nobody is told. */
  tell(...assignments: readonly string[]): Promise<void>
  /** A sign of life is expected so often; undefined where none is. Unit: milliseconds. */
  readonly watchdogMs: number | undefined
}

/**
 * The service manager of this process. Node has no datagram sockets of the Unix domain, so systemd's own tool sends:
 * the unit needs `NotifyAccess=all` (sd_notify(3), systemd-notify(1), systemd 252).
 */
export function openNotify(env: Readonly<Record<string, string | undefined>>): Notify {
  const isWanted = (env.NOTIFY_SOCKET ?? '') !== ''
  const watchdogMs = Number(env.WATCHDOG_USEC) / 1000
  return {
    async tell(...assignments) {
      if (!isWanted) return
      // Without the tool the unit's start times out, which says more than we could here.
      await run('systemd-notify', assignments, { timeout: timeoutMs }).catch(() => undefined)
    },
    watchdogMs: isWanted && watchdogMs > 0 ? watchdogMs : undefined,
  }
}
