import { join } from 'node:path'
import { type Capabilities, contractVersion } from '@agentctl/contract'
import { z } from 'zod'

/** What is known of an installed plugin from its package.json alone. */
export interface PluginFacts {
  readonly name: string
  readonly version: string
  /** `core` (comes with the CLI), `user` (installed), `link`, `dev`. */
  readonly type: string
  readonly root: string
  readonly pjson: unknown
}

/** A part that a plugin brings. */
export interface PluginEntry {
  readonly plugin: string
  readonly version: string
  readonly type: string
  readonly contract: number
  /** Absolute path of the module. */
  readonly entry: string
}

export interface ProviderEntry extends PluginEntry {
  readonly provider: string
  /** Left out where its package.json does not have them. */
  readonly capabilities?: ProviderTraits
}

/** The capabilities that a package.json tells, so that they are known with no code loaded. */
export type ProviderTraits = Pick<
  Capabilities,
  'launchBatchMax' | 'poweroff' | 'platformTtl' | 'spot' | 'guests'
>

const providerTraits = z.object({
  launchBatchMax: z.int(),
  poweroff: z.enum(['deletes', 'stops', 'stops-and-bills']),
  platformTtl: z.boolean(),
  spot: z.boolean(),
  guests: z.array(z.enum(['linux', 'process'])),
})
const providerMetadata = z.object({
  contract: z.number(),
  provider: z.string(),
  entry: z.string(),
  capabilities: providerTraits.optional().catch(undefined),
})
const agentMetadata = z.object({ agent: z.string() })

export function metadataOf({ pjson }: PluginFacts): unknown {
  return pjson instanceof Object && 'agentctl' in pjson ? pjson.agentctl : undefined
}

/** The contract that a plugin says it is made for, whatever else its metadata holds. */
export function contractOf(plugin: PluginFacts): number | undefined {
  return z.object({ contract: z.number() }).safeParse(metadataOf(plugin)).data?.contract
}

/** Whether oclif takes it for a plugin. */
export function isPlugin({ pjson }: PluginFacts): boolean {
  return pjson instanceof Object && 'oclif' in pjson
}

/** Providers of the installed plugins; none of their code is loaded. */
export function providersIn(plugins: readonly PluginFacts[]): readonly ProviderEntry[] {
  return plugins.flatMap(plugin => {
    const found = providerMetadata.safeParse(metadataOf(plugin))
    if (!found.success) return []
    const { provider, contract, entry, capabilities } = found.data
    const { name, version, type, root } = plugin
    return {
      provider,
      plugin: name,
      version,
      type,
      contract,
      entry: join(root, entry),
      ...(capabilities && { capabilities }),
    }
  })
}

export function isContractKnown({ contract }: PluginEntry): boolean {
  return contract === contractVersion
}

/** The program of a plugin that brings a stand-in for the agent, for guests that share this host's files. */
export function standInAgent(plugins: readonly PluginFacts[]): string | undefined {
  for (const plugin of plugins) {
    const found = agentMetadata.safeParse(metadataOf(plugin))
    if (found.success) return join(plugin.root, found.data.agent)
  }
  return undefined
}
