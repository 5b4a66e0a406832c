import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock, Log, Provider, ProviderDeps } from '@agentctl/contract'
import azure from '@agentctl/provider-azure'
import { type Arm, location, startArm, subscription } from '../clouds/arm/index.ts'

export const silentLog: Log = { debug() {}, info() {}, warn() {} }

export const clock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    await sleepFor(ms, undefined, signal && { signal })
  },
}

export const image = 'Canonical:ubuntu-24_04-lts:server:latest'

/** Of one machine that has all parts. */
export function baseSpec(arm: Arm): Record<string, unknown> {
  return {
    location,
    'resource-group': arm.group,
    image,
    sizes: ['Standard_D2s_v5'],
    subnet: arm.subnetId,
    'public-address': true,
  }
}

export function depsFor(arm: Arm, owner: string, change: Partial<ProviderDeps> = {}): ProviderDeps {
  return {
    owner,
    settings: undefined,
    clock,
    random: { next: Math.random },
    log: silentLog,
    env: arm.env,
    ...change,
  }
}

export function openAzure(arm: Arm, owner: string, change: Partial<ProviderDeps> = {}): Promise<Provider> {
  return azure.open(depsFor(arm, owner, change))
}

export { azure, location, startArm, subscription }
