import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ProviderModule } from '@agentctl/contract'
import { checkout } from './campaign.ts'

/** How long a machine outlives its deadline at most when no controller ever runs again, by provider. Unit: milliseconds. */
export async function orphanLives(): Promise<ReadonlyMap<string, number>> {
  const folders = readdirSync(join(checkout, 'plugins')).map(name => join(checkout, 'plugins', name))
  const lives = folders.map(async folder => {
    const { agentctl } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly agentctl?: { readonly provider?: string; readonly entry: string }
    }
    if (agentctl?.provider === undefined || agentctl.provider === 'sim') return []
    const { default: module } = (await import(pathToFileURL(join(folder, agentctl.entry)).href)) as {
      readonly default: ProviderModule
    }
    const provider = await module.open({
      owner: 'proof',
      settings: undefined,
      clock: { now: () => 0, sleep: async () => undefined },
      random: { next: () => 0.5 },
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
      env: { HOME: '/nowhere' },
    })
    try {
      return [[agentctl.provider, provider.capabilities.worstOrphanMs] as const]
    } finally {
      await provider.close()
    }
  })
  return new Map((await Promise.all(lives)).flat())
}
