import { setTimeout as sleepFor } from 'node:timers/promises'
import {
  type Call,
  type Clock,
  hasCode,
  type Instance,
  isInstance,
  type LaunchRequest,
  type Log,
  type Provider,
  type ProviderDeps,
  type ResolvedSpec,
  type Resource,
} from '@agentctl/contract'
import { sampleDigest, sampleLaunchId, sampleUnits } from '@agentctl/contract/testing'
import azure from '@agentctl/provider-azure'
import { type Arm, location, startArm, subscription } from '../clouds/arm/index.ts'
import { until } from '../support/cli.ts'

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

export { type Arm, azure, location, startArm, subscription }

export function call(limitMs = 60_000): Call {
  return { signal: AbortSignal.timeout(limitMs + 5_000), deadlineMs: Date.now() + limitMs, log: silentLog }
}

/** A provider with what a launch needs, on an emulator that tests share: each has an owner of its own. */
export interface Bench {
  readonly provider: Provider
  readonly owner: string
  readonly spec: unknown
  readonly resolved: ResolvedSpec
  request(change?: Partial<LaunchRequest>): LaunchRequest
  launch(change?: Partial<LaunchRequest>): Promise<readonly Instance[]>
  /** Everything of this owner. */
  list(): Promise<readonly Resource[]>
  /** Ends all that is listed, as a sweep does, and asks the emulator what is left. */
  sweep(): Promise<readonly string[]>
}

let benches = 0

export async function newBench(
  arm: Arm,
  change: Record<string, unknown> = {},
  deps: Partial<ProviderDeps> = {},
): Promise<Bench> {
  benches += 1
  const owner = `bench-${benches}`
  const provider = await openAzure(arm, owner, deps)
  const spec = provider.parseSpec({ ...baseSpec(arm), ...change })
  const resolved = await provider.resolve(spec, call())
  const [offering] = resolved.offerings
  const [scope] = provider.scopes([spec])
  if (!offering || !scope) throw new Error('there is no offering')
  let launches = 0
  const request = (other: Partial<LaunchRequest> = {}): LaunchRequest => {
    launches += 1
    const launchId = sampleLaunchId(`${owner}/${launches}`)
    return {
      launchId,
      digest: sampleDigest(launchId),
      pool: 'linux',
      agentType: 's1-azure',
      offering,
      resolved,
      units: sampleUnits(launchId, 1),
      userData: Buffer.from('user data'),
      expiry: { at: Date.now() + 3_600_000 },
      ...other,
    }
  }
  const list = () => Array.fromAsync(provider.list(scope, {}, call()))
  return {
    provider,
    owner,
    spec,
    resolved,
    request,
    launch: async other => (await provider.launch(request(other), call())).instances,
    list,
    async sweep() {
      await until('everything is gone', async () => {
        const all = (await list()).filter(({ state }) => state !== 'terminated')
        // As the engine does it: what has a machine goes with it, and what fails is tried again.
        const machines = all.filter(isInstance)
        for (const one of machines.length > 0 ? machines : all) {
          await provider.terminate(one, call()).catch(error => {
            if (!hasCode(error, 'unavailable')) throw error
          })
        }
        return all.length === 0
      })
      return arm.left(owner)
    },
  }
}
