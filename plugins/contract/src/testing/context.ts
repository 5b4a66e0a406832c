import type { Clock, Log } from '../effects.ts'
import type { Call, Capabilities, LaunchRequest, Provider, ResolvedSpec } from '../provider.ts'
import type { Scope } from '../resources.ts'
import { sampleDigest, sampleLaunchId, sampleUnits, sampleUserData } from './samples.ts'
import type { ConformanceTarget } from './target.ts'

const CALL_MS = 60_000
const HOUR_MS = 3_600_000

/** A provider of one owner, opened for one case. */
export interface Tenant {
  readonly owner: string
  readonly provider: Provider
}

/** What a case works with. Owners and launch ids are its own, so cases do not see each other. */
export interface CheckContext extends Tenant {
  readonly target: ConformanceTarget
  readonly clock: Clock
  readonly capabilities: Capabilities
  /** The target's spec, parsed. */
  readonly spec: unknown
  readonly scopes: readonly Scope[]
  /** Every provider opened so far, for the clean-up. */
  readonly tenants: readonly Tenant[]
  /** The same owner on another host. */
  reopen(): Promise<Provider>
  /** Another owner on the same cloud. */
  openOther(): Promise<Tenant>
  call(bounds?: Partial<Pick<Call, 'signal' | 'deadlineMs'>>): Call
  resolved(): Promise<ResolvedSpec>
  /** A new launch of `unitCount` units (1), whose user data holds {@link markerOf} its launch id. */
  request(change?: Partial<LaunchRequest> & { readonly unitCount?: number }): Promise<LaunchRequest>
}

const silent: Log = { debug() {}, info() {}, warn() {} }

/** Stands for the registration token in the user data: printed by the guest, never by an error. */
export function markerOf(launchId: string): string {
  return `marker-${launchId}`
}

/** Owners of one run, all distinct, so that runs against one cloud do not meet. */
export interface Owners {
  readonly all: readonly string[]
  next(): string
}

export function createOwners(target: Pick<ConformanceTarget, 'name' | 'clock'>): Owners {
  const run = sampleLaunchId(`${target.name}/${target.clock.now()}`).slice(0, 8)
  const all: string[] = []
  const next = () => {
    const owner = `c-${run}-${all.length + 1}`
    all.push(owner)
    return owner
  }
  return { all, next }
}

export async function openContext(target: ConformanceTarget, owners: Owners): Promise<CheckContext> {
  const { clock } = target
  const tenants: Tenant[] = []
  const open = async (owner: string): Promise<Tenant> => {
    const tenant = { owner, provider: await target.open(owner) }
    tenants.push(tenant)
    return tenant
  }
  const { owner, provider } = await open(owners.next())
  const spec = provider.parseSpec(structuredClone(target.spec))
  const call = (bounds: Partial<Call> = {}): Call => ({
    signal: new AbortController().signal,
    deadlineMs: clock.now() + CALL_MS,
    log: silent,
    ...bounds,
  })
  let resolving: Promise<ResolvedSpec> | undefined
  const resolved = () => {
    resolving ??= provider.resolve(spec, call())
    return resolving
  }
  let requests = 0
  return {
    target,
    clock,
    owner,
    provider,
    capabilities: provider.capabilities,
    spec,
    scopes: provider.scopes([spec]),
    tenants,
    reopen: async () => (await open(owner)).provider,
    openOther: () => open(owners.next()),
    call,
    resolved,
    async request({ unitCount = 1, ...change } = {}) {
      requests += 1
      const made = await sampleRequest(target, await resolved(), `${owner}/${requests}`, unitCount)
      return { ...made, ...change }
    },
  }
}

async function sampleRequest(
  target: ConformanceTarget,
  resolved: ResolvedSpec,
  seed: string,
  unitCount: number,
): Promise<LaunchRequest> {
  const [offering] = resolved.offerings
  if (offering === undefined) throw new Error('P2: resolve gave no offering')
  const launchId = sampleLaunchId(seed)
  const marker = markerOf(launchId)
  return {
    launchId,
    digest: sampleDigest(seed),
    pool: 'conformance-pool',
    agentType: 's1-conformance',
    offering,
    resolved,
    units: sampleUnits(launchId, unitCount),
    userData: target.userData?.(marker) ?? sampleUserData(resolved.guest, marker),
    // Not a whole second, so that rounding is seen.
    expiry: { at: target.clock.now() + HOUR_MS + 123 },
  }
}
