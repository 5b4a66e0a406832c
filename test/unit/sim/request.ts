import type { Call, LaunchRequest, Provider, Resource } from '@agentctl/contract'
import { sampleDigest, sampleLaunchId, sampleUnits } from '@agentctl/contract/testing'
import type { Sim } from '@agentctl/provider-sim'

export const scope = { account: 'sim', region: 'sim-1' }

export function callOf(clock: { now(): number }, change: Partial<Call> = {}): Call {
  const log = { debug() {}, info() {}, warn() {} }
  return { signal: new AbortController().signal, deadlineMs: clock.now() + 60_000, log, ...change }
}

/** A launch named `label`, that lives for `lifeMs`. */
export async function requestOf(
  sim: Pick<Sim, 'clock'>,
  provider: Provider,
  label: string,
  { units = 1, lifeMs = 3_600_000, spec = {} }: { units?: number; lifeMs?: number; spec?: object } = {},
): Promise<LaunchRequest> {
  const resolved = await sim.clock.drive(provider.resolve(provider.parseSpec(spec), callOf(sim.clock)))
  const [offering] = resolved.offerings
  if (offering === undefined) throw new Error('no offering')
  const launchId = sampleLaunchId(label)
  return {
    launchId,
    digest: sampleDigest(label),
    pool: 'pool',
    agentType: 's1-type',
    offering,
    resolved,
    units: sampleUnits(launchId, units),
    userData: new TextEncoder().encode(label),
    expiry: { at: sim.clock.now() + lifeMs },
  }
}

export async function listOf(sim: Pick<Sim, 'clock'>, provider: Provider): Promise<readonly Resource[]> {
  return sim.clock.drive(Array.fromAsync(provider.list(scope, {}, callOf(sim.clock))))
}

/** The code that a call rejects with, driven on virtual time. */
export async function codeOf(sim: Pick<Sim, 'clock'>, running: Promise<unknown>): Promise<unknown> {
  return sim.clock.drive(
    running.then(
      () => 'no error',
      (error: { code?: unknown }) => error.code,
    ),
  )
}
