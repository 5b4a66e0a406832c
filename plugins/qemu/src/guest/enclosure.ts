import { run } from '../effects.ts'

/** The machine dies with its guest host: `setpriv` arms that for the program that it becomes. */
const withHost = ['setpriv', '--pdeathsig', 'KILL']
const tryTimeoutMs = 2_000

/** Whether this system can tie a machine to its guest host. Found out by trying; leaves nothing. */
export async function diesWithHost(path: string): Promise<boolean> {
  const { status } = await run([...withHost, 'true'], { path, timeoutMs: tryTimeoutMs })
  return status === 0
}

/** The words to put before QEMU's own command. */
export async function enclosure(path: string): Promise<readonly string[]> {
  return (await diesWithHost(path)) ? withHost : []
}
