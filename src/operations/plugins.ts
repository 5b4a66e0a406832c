import { type Clock, type ContractError, contractError, type Random } from '@agentctl/contract'
import type { Npm } from '../effects/npm.ts'
import { openLock } from '../journal/lock.ts'
import { admit } from '../providers/admit.ts'
import type { loadCoordinator } from '../providers/coordinators.ts'
import type { loadProvider } from '../providers/load.ts'
import { type PluginRecord, readRecords, sweepFolders, writeRecords } from '../providers/records.ts'
import type { PluginFacts } from '../providers/registry.ts'

/** What the commands that change plugins work with. */
export interface PluginTools {
  /** Where plugins are, and the list of them that oclif reads. */
  readonly dataDir: string
  readonly cacheDir: string
  readonly cwd: string
  /** Those that this command was started with. */
  readonly plugins: readonly PluginFacts[]
  readonly npm: Npm
  readonly loadProvider: typeof loadProvider
  readonly loadCoordinator: typeof loadCoordinator
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** An install of a large plugin takes a minute on a slow line. Unit: milliseconds. */
const lockWaitMs = 180_000

/** One command at a time changes the plugins of a user. */
export function alone<T>(tools: PluginTools, work: () => Promise<T>): Promise<T> {
  const { cacheDir, clock, random, signal } = tools
  const busy = {
    message: 'Another command changes the plugins of this user',
    hint: 'Nothing was changed. Try again when it has ended.',
  }
  return openLock(cacheDir, clock, random).during(work, { waitMs: lockWaitMs, signal, busy })
}

/** Takes a plugin into the list, in the place of the one before it. */
export async function keep({ dataDir }: PluginTools, record: PluginRecord): Promise<void> {
  const others = (await readRecords(dataDir)).filter(one => one.name !== record.name)
  await writeRecords(dataDir, [...others, record])
}

export interface PluginResult {
  readonly plugin: string
  readonly version: string
  readonly provider?: string
  readonly coordinator?: string
  /** The version that was there before. */
  readonly before?: string
}

/** Looks at a plugin in its folder as a command that uses it would: what does not load replaces nothing. */
export async function proven(tools: PluginTools, plugin: PluginFacts): Promise<PluginResult> {
  const { provider, coordinator } = admit(plugin, tools.plugins)
  if (provider) await tools.loadProvider(provider).catch(asBefore)
  if (coordinator) await tools.loadCoordinator(coordinator).catch(asBefore)
  const before = tools.plugins.find(one => one.name === plugin.name)?.version
  return {
    plugin: plugin.name,
    version: plugin.version,
    ...(provider && { provider: provider.provider }),
    ...(coordinator && { coordinator: coordinator.coordinator }),
    ...(before !== undefined && { before }),
  }
}

function asBefore(thrown: ContractError): never {
  throw contractError(thrown.code, thrown.message, { hint: 'Nothing was changed.', cause: thrown })
}

/** Takes a plugin out of the list, and what it brought off the disk. */
export async function drop({ dataDir }: PluginTools, names: readonly string[]): Promise<void> {
  const left = (await readRecords(dataDir)).filter(one => !names.includes(one.name))
  await writeRecords(dataDir, left)
  await sweepFolders(dataDir)
}
