import type { Capabilities, Instance, LaunchRequest, ProviderModule, Scope } from '@agentctl/contract'
import type { Queue } from '../../../src/fleet/picture.ts'

const rate = { burst: 1_000_000, perSecond: 1_000_000 }
const capabilities: Capabilities = {
  launchBatchMax: 100,
  idempotency: 'token',
  listing: 'strong',
  poweroff: 'deletes',
  platformTtl: false,
  spot: false,
  guests: ['process'],
  userDataBytesMax: 16_384,
  settleMs: 0,
  worstOrphanMs: 0,
  console: 'none',
  sharesHost: false,
  rates: { launch: rate, terminate: rate, read: rate, mark: rate },
}

const scope: Scope = { account: 'bench', region: 'here' }
const offering = {
  id: 'small/here/on-demand',
  scope,
  type: 'small',
  zone: 'here',
  market: 'on-demand',
} as const

/** A cloud and a hub that answer at once from memory, so that what a tick costs is the tick. */
export interface BenchCloud {
  readonly module: ProviderModule
  readonly machines: ReadonlyMap<string, Instance>
  /** Launches and lists that were asked for. */
  readonly calls: { launch: number; list: number; terminate: number }
  queueJobs(count: number): void
  /** The oldest machines finish their jobs and are gone. */
  finish(count: number): void
  queue(): Queue
  agents(): ReadonlyMap<string, 'busy'>
}

export function createBenchCloud(now: () => number): BenchCloud {
  const machines = new Map<string, Instance>()
  const queued = new Set<string>()
  const calls = { launch: 0, list: 0, terminate: 0 }
  let jobs = 0

  function launch(owner: string, { launchId, pool, agentType, digest, units, expiry }: LaunchRequest) {
    calls.launch += 1
    const expiresAt = 'at' in expiry ? expiry.at : now() + expiry.afterMs
    const ownership = { owner, pool, agentType, launchId, digest, units, expiresAt, version: 1 }
    const instances = units.map((unit): Instance => {
      // Whoever has no job of its own takes the oldest.
      const job = unit.jobId ?? queued.values().next().value
      if (job !== undefined) queued.delete(job)
      const id = `${launchId}-${unit.index}`
      return {
        kind: 'instance',
        id,
        scope,
        state: 'running',
        ownership,
        unitIndex: unit.index,
        createdAt: now(),
      }
    })
    for (const instance of instances) machines.set(instance.id, instance)
    return { instances }
  }

  return {
    machines,
    calls,
    module: {
      contract: 1,
      name: 'bench',
      open: async ({ owner }) => ({
        capabilities,
        specSchema: { type: 'object' },
        parseSpec: raw => raw,
        scopes: () => [scope],
        resolve: async () => ({ guest: 'process', offerings: [offering], details: {} }),
        preflight: async () => [],
        launch: async request => launch(owner, request),
        async *list() {
          calls.list += 1
          yield* machines.values()
        },
        async terminate({ id }) {
          calls.terminate += 1
          return machines.delete(id) ? 'accepted' : 'gone'
        },
        close: async () => {},
      }),
    },
    queueJobs(count) {
      for (let at = 0; at < count; at += 1) {
        jobs += 1
        queued.add(`00000000-0000-4000-8000-${String(jobs).padStart(12, '0')}`)
      }
    },
    finish(count) {
      for (const id of [...machines.keys()].slice(0, count)) machines.delete(id)
    },
    queue: () => ({
      jobIds: [...queued].slice(-500),
      queuedCount: queued.size,
      runningCount: machines.size,
    }),
    agents: () =>
      new Map(
        [...machines.values()].map(({ ownership, unitIndex }) => {
          const unit = ownership.units.find(one => one.index === unitIndex)
          return [unit?.name ?? '', 'busy'] as const
        }),
      ),
  }
}
