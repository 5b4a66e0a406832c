import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { contractError } from '@agentctl/contract'
import { mergeConfig } from '../config/merge.ts'
import type { CachePools } from './cache-pools.ts'
import type { Context } from './context.ts'

type Place = Pick<Context, 'configFile' | 'settings'>

/** The file that these pools are in. @throws `invalid-spec` */
export function fileOfPools({ configFile, settings }: Place, names: readonly string[]): string {
  const unknown = names.filter(name => !Object.hasOwn(settings.pools, name))
  if (configFile !== undefined && unknown.length === 0) return configFile
  throw contractError('invalid-spec', `There is no configuration file with the pool ${names.join(', ')}`, {
    hint: 'Write the pool first, or leave --write-config out, which prints the settings.',
  })
}

/** Lays settings over those of the configuration file, whole or not at all. */
export async function writeIntoConfig(file: string, config: CachePools): Promise<void> {
  const path = await realpath(file)
  const text = mergeConfig(await readFile(path, 'utf8'), { ...config })
  const fresh = `${path}.new`
  await writeFile(fresh, text, { mode: (await stat(path)).mode })
  await rename(fresh, path)
}
