import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { namesIn, removeTree } from './files.ts'

/** Tombstones of launches, in a folder per day, so that old ones are found and dropped without a look at each. */

const dayMs = 86_400_000

function dayOf(context: Context): number {
  return Math.floor(context.clock.now() / dayMs)
}

/** Remembers the launch id as used up, for one to two days. */
export async function writeTombstone(context: Context, launchId: string): Promise<void> {
  const folder = join(context.paths.spent, String(dayOf(context)))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, launchId), '', { mode: 0o600 })
}

export async function hasTombstone(context: Context, launchId: string): Promise<boolean> {
  const days = await namesIn(context.paths.spent)
  return days.some(day => existsSync(join(context.paths.spent, day, launchId)))
}

/** Drops those that are a day old at least. */
export async function pruneTombstones(context: Context): Promise<void> {
  const oldest = dayOf(context) - 1
  for (const day of await namesIn(context.paths.spent)) {
    if (Number(day) < oldest) await removeTree(join(context.paths.spent, day))
  }
}
