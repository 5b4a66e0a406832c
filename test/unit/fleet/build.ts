import type { Capabilities, Instance, Offering, Ownership, Resource } from '@agentctl/contract'
import type { Want } from '../../../src/fleet/actions.ts'
import type { Timeouts } from '../../../src/fleet/deadlines.ts'
import {
  type Facts,
  known,
  type Picture,
  type ScopeLook,
  type UnitView,
  unknown,
} from '../../../src/fleet/picture.ts'
import type { Policy, PoolPolicy } from '../../../src/fleet/policy.ts'
import type { LaunchRecord, Memory, UnitRecord } from '../../../src/fleet/records.ts'

/** 2026-01-01T00:00:00Z */
export const t0 = 1_767_225_600_000
export const minute = 60_000

export const scope = { account: 'acc', region: 'here' }
export const settleMs = 10_000

export const timeouts: Timeouts = {
  bootMs: 10 * minute,
  agentMs: 5 * minute,
  idleMs: 5 * minute,
  jobMs: 24 * 60 * minute,
  totalMs: 25 * 60 * minute,
}

export const capabilities: Capabilities = {
  launchBatchMax: 1,
  idempotency: 'token',
  listing: 'eventual',
  poweroff: 'stops',
  platformTtl: false,
  spot: true,
  guests: ['linux'],
  userDataBytesMax: 16_384,
  settleMs,
  worstOrphanMs: 0,
  console: 'on-demand',
  sharesHost: false,
  rates: {
    launch: { burst: 10, perSecond: 1 },
    terminate: { burst: 10, perSecond: 1 },
    read: { burst: 10, perSecond: 1 },
    mark: { burst: 10, perSecond: 1 },
  },
}

export function offering(id = 'small/a/on-demand', change: Partial<Offering> = {}): Offering {
  return { id, scope, type: 'small', zone: 'a', market: 'on-demand', ...change }
}

export function jobId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

export function jobWant(number: number, change: Partial<Want> = {}): Want {
  return { key: jobId(number), agentType: 's1-x', jobId: jobId(number), ...change }
}

export function launchRecord(change: Partial<LaunchRecord> = {}): LaunchRecord {
  return {
    launchId: 'l1',
    runId: 'run',
    provider: 'sim',
    pool: 'p',
    agentType: 's1-x',
    offering: offering(),
    digest: 'd',
    attempt: 1,
    units: [],
    expiresAt: t0 + timeouts.totalMs,
    intendedAt: t0,
    acceptedAt: t0,
    state: 'accepted',
    tries: 1,
    ...change,
  }
}

export function unitRecord(change: Partial<UnitRecord> = {}): UnitRecord {
  const { launchId = 'l1', index = 0 } = change
  return {
    launchId,
    index,
    want: jobId(1),
    jobId: jobId(1),
    name: `o-${launchId}-${index}`,
    attempt: 1,
    phase: 'booting',
    entered: { requested: t0, launching: t0, booting: t0 },
    marks: {},
    ...change,
  }
}

export function ownership(change: Partial<Ownership> = {}): Ownership {
  return {
    owner: 'o',
    pool: 'p',
    agentType: 's1-x',
    launchId: 'l1',
    digest: 'd',
    units: [{ index: 0, name: 'o-l1-0', attempt: 1, jobId: jobId(1) }],
    expiresAt: t0 + timeouts.totalMs,
    version: 1,
    ...change,
  }
}

export function instanceOf(change: Partial<Instance> = {}): Instance {
  return {
    kind: 'instance',
    id: 'i-1',
    scope,
    state: 'running',
    ownership: ownership(),
    createdAt: t0,
    unitIndex: 0,
    offeringId: offering().id,
    ...change,
  }
}

export function viewOf(change: Partial<UnitView> = {}): UnitView {
  const instance = 'instance' in change ? change.instance : instanceOf()
  return {
    unit: unitRecord(instance ? { instanceId: instance.id } : {}),
    launch: launchRecord(),
    agent: 'unknown',
    isScopeKnown: true,
    isAbsent: false,
    isListStrong: false,
    ...change,
    instance,
  }
}

export function pictureOf(units: readonly UnitView[] = [], change: Partial<Picture> = {}): Picture {
  return {
    units,
    strays: [],
    queues: new Map(),
    jobs: new Map(),
    knownScopes: new Set(['sim/acc/here']),
    ...change,
  }
}

/** An old acquaintance: launches may go there. */
const acquainted = { scope: 'sim/acc/here', firstAt: t0, since: t0, hadMachines: false }

export function memoryOf(change: Partial<Memory> = {}): Memory {
  return {
    launches: [],
    units: [],
    stockOuts: [],
    breakers: [],
    hubLimits: [],
    acquaintances: [acquainted],
    ...change,
  }
}

export function poolPolicy(change: Partial<PoolPolicy> = {}): PoolPolicy {
  return {
    name: 'p',
    provider: 'sim',
    capabilities,
    resolved: { guest: 'linux', offerings: [offering()], details: {} },
    max: 100,
    timeouts,
    attemptsMax: 3,
    isShared: false,
    ...change,
  }
}

export function policyOf(change: Partial<Policy> & { readonly only?: readonly PoolPolicy[] } = {}): Policy {
  const { only = [poolPolicy()], ...rest } = change
  return {
    owner: 'o',
    pools: new Map(only.map(pool => [pool.name, pool])),
    agentTypes: new Map([['s1-x', { name: 's1-x', pools: only.map(pool => pool.name) }]]),
    wants: [],
    concurrency: 1000,
    intent: 'run',
    isMine: () => true,
    maxAlive: Number.POSITIVE_INFINITY,
    surplus: new Map(),
    ...rest,
  }
}

export function queueOf(jobs: readonly number[], queuedCount = jobs.length): Picture['queues'] {
  return new Map([['s1-x', known({ jobIds: jobs.map(jobId), queuedCount })]])
}

export function lookOf(
  resources: readonly Resource[] | 'failed',
  askedAt: number,
  change: Partial<ScopeLook> = {},
): ScopeLook {
  return {
    provider: 'sim',
    scope: 'acc/here',
    askedAt,
    resources: resources === 'failed' ? unknown('503') : known(resources),
    ...change,
  }
}

export function factsOf(look: ScopeLook, change: Partial<Facts> = {}): Facts {
  return {
    looks: [look],
    queues: new Map(),
    agents: new Map(),
    consoles: new Map(),
    jobs: new Map(),
    ...change,
  }
}

export const agentsOf = (agents: Readonly<Record<string, 'idle' | 'busy'>> | 'failed'): Facts['agents'] =>
  new Map([['s1-x', agents === 'failed' ? unknown('500') : known(new Map(Object.entries(agents)))]])
