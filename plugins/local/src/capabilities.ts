import type { Capabilities } from '@agentctl/contract'

export const launchBatchMax = 20
export const userDataBytesMax = 262_144

/**
 * How late the forced end can be: the guest host looks at its deadline once a second and then sweeps.
 * Unit: milliseconds.
 */
const worstOrphanMs = 10_000

/** Nobody counts calls here; this only keeps a loop that has gone wild from eating the machine. */
const rate = { burst: 200, perSecond: 100 } as const

export const capabilities: Capabilities = {
  launchBatchMax,
  idempotency: 'name',
  listing: 'strong',
  poweroff: 'stops',
  platformTtl: true,
  spot: false,
  guests: ['process'],
  userDataBytesMax,
  settleMs: 0,
  worstOrphanMs,
  console: 'live',
  sharesHost: true,
  rates: { launch: rate, terminate: rate, read: rate, mark: rate },
}
