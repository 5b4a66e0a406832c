import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock, Log, Provider, ProviderDeps } from '@agentctl/contract'
import gcp from '@agentctl/provider-gcp'
import { type Gce, startGce } from '../clouds/gce/index.ts'

export const silentLog: Log = { debug() {}, info() {}, warn() {} }

export const clock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    await sleepFor(ms, undefined, signal && { signal })
  },
}

/** Of the cheapest machines, in all zones of the region. */
export const baseSpec = { region: 'test-west1', types: ['e2-small'], image: 'agent-1' }

/** What a provider gets; a given token, so that the environment of this process does not matter. */
export function depsFor(gce: Gce, owner: string, change: Partial<ProviderDeps> = {}): ProviderDeps {
  return {
    owner,
    settings: undefined,
    clock,
    random: { next: Math.random },
    log: silentLog,
    env: { ...gce.env, GOOGLE_OAUTH_ACCESS_TOKEN: 'given-access-token' },
    ...change,
  }
}

export function openGcp(gce: Gce, owner: string, change: Partial<ProviderDeps> = {}): Promise<Provider> {
  return gcp.open(depsFor(gce, owner, change))
}

export { startGce }
