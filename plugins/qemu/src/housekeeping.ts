import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { codeOf, isMissing, namesIn } from './files.ts'
import { launchIds } from './observe.ts'
import { pruneTombstones } from './spent.ts'
import { sweepStaging } from './staging.ts'

/** Removes what controllers left that died in the middle. Never a reason for the caller's own work to fail. */
export async function tidy(context: Context): Promise<void> {
  try {
    await sweepStaging(context)
    await pruneTombstones(context)
    for (const launchId of await launchIds(context)) await dropHusk(context, launchId)
  } catch (error) {
    const { message, fault } = toContractError(error, 'tidying of the state folder')
    context.log.warn('The state folder could not be tidied', { message, fault })
  }
}

/** Removes a launch folder whose last unit is gone, and leaves every other. */
export async function dropHusk(context: Context, launchId: string): Promise<void> {
  const folder = join(context.paths.launches, launchId)
  if ((await namesIn(folder)).some(name => /^\d+$/.test(name))) return
  await rm(join(folder, 'launch.json'), { force: true })
  try {
    await rmdir(folder)
  } catch (error) {
    // Another controller was first, or has just made this launch anew.
    if (!isMissing(error) && codeOf(error) !== 'ENOTEMPTY') throw error
  }
}
