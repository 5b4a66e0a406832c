import { setTimeout as sleepFor } from 'node:timers/promises'
import type {
  Call,
  Clock,
  Instance,
  LaunchRequest,
  ListFilter,
  Log,
  Provider,
  ProviderDeps,
  Resource,
  ResourceRef,
} from '@agentctl/contract'
import { sampleDigest, sampleLaunchId, sampleUnits } from '@agentctl/contract/testing'
import gcp from '@agentctl/provider-gcp'
import type { Gce } from '../clouds/gce/index.ts'
import { until } from '../support/cli.ts'

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

export function callFor(ms = 20_000): Call {
  return { signal: new AbortController().signal, deadlineMs: Date.now() + ms, log: silentLog }
}

const hourMs = 3_600_000
let requests = 0

/** A launch of one machine, unlike any other; `spec` is raw. */
export async function requestFor(
  provider: Provider,
  change: Partial<LaunchRequest> & { readonly spec?: object } = {},
): Promise<LaunchRequest> {
  const { spec, ...rest } = change
  const resolved = await provider.resolve(provider.parseSpec({ ...baseSpec, ...spec }), callFor())
  const [offering] = resolved.offerings
  if (!offering) throw new Error('there is no offering')
  const seed = `request ${++requests}`
  const launchId = sampleLaunchId(seed)
  return {
    launchId,
    digest: sampleDigest(seed),
    pool: 'pool',
    agentType: 's1-test',
    offering,
    resolved,
    units: sampleUnits(launchId, 1),
    userData: Buffer.from(`#!/bin/sh\n# ${seed}\n`),
    expiry: { at: Date.now() + hourMs },
    ...rest,
  }
}

export async function launched(
  provider: Provider,
  change: Parameters<typeof requestFor>[1] = {},
): Promise<Instance> {
  const { instances } = await provider.launch(await requestFor(provider, change), callFor())
  const [instance] = instances
  if (!instance) throw new Error('there is no machine')
  return instance
}

export const scope = { account: 'acme-project', region: 'test-west1' }

export function listed(provider: Provider, filter: ListFilter = {}): Promise<Resource[]> {
  return Array.fromAsync(provider.list(scope, filter, callFor()))
}

/** Until `gone`, as the engine does. */
export async function ended(provider: Provider, ref: ResourceRef): Promise<void> {
  await until(`${ref.id} gone`, async () => (await provider.terminate(ref, callFor())) === 'gone')
}
