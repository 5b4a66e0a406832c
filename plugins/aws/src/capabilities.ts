import type { Capabilities } from '@agentctl/contract'

/** What AWS advises as the size of one call, "to ensure faster instance launches". Source: SDK, RunInstances, 2026-11. */
export const launchBatchMax = 100
/** Before base64. Source: EC2 user guide, "Run commands at launch", 2026-11. */
export const userDataBytesMax = 16_384
/**
 * How long a new instance may be missing from answers. AWS names no bound, and advises to ask again for up to minutes.
 * Source: EC2 developer guide, "Eventual consistency", 2026-11. Unit: milliseconds.
 */
export const settleMs = 60_000

/**
 * The guest's own timers end it to the second; a shutdown that hangs is forced a minute later. A machine whose
 * cloud-init never runs, or whose kernel hangs, has no such timer: it lives until the next tick or `reap`.
 */
const worstOrphanMs = 120_000

export const capabilities: Capabilities = {
  launchBatchMax,
  idempotency: 'token',
  listing: 'eventual',
  poweroff: 'deletes',
  platformTtl: false,
  spot: true,
  // The notice comes two minutes ahead. Source: EC2 user guide, "Spot Instance interruption notices", 2026-11.
  spotGraceMsMax: 100_000,
  cloud: 'ec2',
  guests: ['linux'],
  linuxIndex: 'ec2-launch-index',
  userDataBytesMax,
  settleMs,
  worstOrphanMs,
  console: 'on-demand',
  sharesHost: false,
  listEveryMs: 5_000,
  // Buckets per account and region, which everybody in the account shares.
  // Source: EC2 developer guide, "Request throttling", and published measurements of it, 2026-11.
  rates: {
    launch: { burst: 5, perSecond: 2 },
    terminate: { burst: 100, perSecond: 5 },
    read: { burst: 100, perSecond: 20 },
    mark: { burst: 100, perSecond: 10 },
  },
}
