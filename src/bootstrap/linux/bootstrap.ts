import { boothook } from './boothook.ts'
import { mainScript } from './main.ts'
import { gzipped, mimeMessage, type Part } from './mime.ts'
import { seconds } from './places.ts'
import { deadlines } from './timers.ts'
import type { LinuxBootstrap } from './types.ts'

/** What a stopping agent gets on top of its grace period: the end of its log, its goodbye, its hook. */
const stopSlackMs = 90_000

/**
 * User data of a Linux guest for cloud-init: gzipped MIME of a boothook and a script. Equal input makes equal text, on
 * any day and host. Unless the token is delivered apart, it is in there.
 * The caller compares the size with the provider's `userDataBytesMax`.
 * @throws RangeError when a text holds a NUL
 */
export function linuxUserData(bootstrap: LinuxBootstrap): Uint8Array {
  return gzipped(mimeMessage(linuxParts(bootstrap)))
}

/** The same, before it is packed. */
export function linuxParts(bootstrap: LinuxBootstrap): readonly Part[] {
  const { timeouts, basis } = bootstrap
  const graceSeconds = basis.agent['interruption-grace-period'] ?? 0
  const stopSeconds = graceSeconds + seconds(bootstrap.stopSlackMs ?? stopSlackMs)
  const ends = deadlines(
    seconds(timeouts.bootMs),
    seconds(timeouts.agentMs),
    seconds(timeouts.totalMs),
    stopSeconds,
  )
  return [
    { type: 'text/cloud-boothook', name: 'agentctl-boothook', text: boothook(bootstrap, ends) },
    { type: 'text/x-shellscript', name: 'agentctl', text: mainScript(bootstrap, stopSeconds) },
  ]
}
