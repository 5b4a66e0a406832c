import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import { messageOf } from '../errors/message.ts'

const record = z.looseObject({
  name: z.string(),
  type: z.enum(['user', 'link']),
  /** Version, range or tag that was asked of a registry. */
  tag: z.string().optional(),
  /** Where it came from otherwise. */
  url: z.string().optional(),
  /** The folder that its package is looked up from; of a linked one, its own. */
  root: z.string().optional(),
})

/** An installed plugin, in the form of oclif's plugin-plugins, which oclif itself reads at each start. */
export type PluginRecord = z.output<typeof record>

const listing = z.looseObject({
  oclif: z.looseObject({ plugins: z.array(record).default([]) }).default({ plugins: [] }),
})

const fileOf = (dataDir: string) => join(dataDir, 'package.json')
const foldersOf = (dataDir: string) => join(dataDir, 'plugins')

async function listingOf(dataDir: string): Promise<z.output<typeof listing>> {
  const file = fileOf(dataDir)
  try {
    return listing.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return listing.parse({})
    throw contractError('unsupported', `Cannot read ${file}, the list of plugins: ${messageOf(cause)}`, {
      cause,
      hint: 'Mend it, or move it away and install the plugins anew.',
    })
  }
}

export async function readRecords(dataDir: string): Promise<readonly PluginRecord[]> {
  return (await listingOf(dataDir)).oclif.plugins
}

/** All at once, so that a command that starts meanwhile sees the list before or the one after. */
export async function writeRecords(dataDir: string, plugins: readonly PluginRecord[]): Promise<void> {
  const { oclif, ...rest } = await listingOf(dataDir)
  const file = fileOf(dataDir)
  if (plugins.length === 0) return rm(file, { force: true })
  const text = JSON.stringify({ private: true, ...rest, oclif: { schema: 1, ...oclif, plugins } }, null, 2)
  await mkdir(dataDir, { recursive: true })
  await writeFile(`${file}.new`, `${text}\n`)
  await rename(`${file}.new`, file)
}

/** A fresh folder for one plugin with all that it needs, beside those of the others. */
export async function newFolder(dataDir: string): Promise<string> {
  await mkdir(foldersOf(dataDir), { recursive: true })
  return mkdtemp(join(foldersOf(dataDir), 'plugin-'))
}

/** Folders that no record names: of failed and interrupted installs, and of versions before. */
export async function sweepFolders(dataDir: string): Promise<void> {
  const folders = foldersOf(dataDir)
  const named = new Set((await readRecords(dataDir)).map(one => one.root))
  const found = await readdir(folders).catch(() => [])
  const stale = found.map(name => join(folders, name)).filter(folder => !named.has(folder))
  // An npm whose command was killed may still write there for a moment.
  await Promise.all(stale.map(folder => rm(folder, { recursive: true, force: true, maxRetries: 5 })))
  if (stale.length === found.length) await rm(folders, { recursive: true, force: true })
}
