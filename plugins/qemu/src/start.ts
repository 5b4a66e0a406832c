import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { nodePath, spawnDetached } from './effects.ts'
import type { UnitPaths } from './paths.ts'
import { markVariables } from './processes.ts'

/** Beside this file also where the plugin is packed as a bundle. */
const guestHost = fileURLToPath(new URL('./guest/main.js', import.meta.url))

/** Starts the unit's guest host; of several for one unit, all but one see that they are too many and end. */
export async function startGuestHost(
  unit: UnitPaths,
  id: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const output = await open(unit.console, 'a', 0o600)
  try {
    await spawnDetached(nodePath, [guestHost, unit.folder], {
      cwd: unit.folder,
      env: { ...environment, ...markVariables({ id, run: unit.folder }) },
      outputFd: output.fd,
    })
  } finally {
    await output.close()
  }
}
