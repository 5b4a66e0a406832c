import type { Capabilities } from '@agentctl/contract'

export const launchBatchMax = 20
/** What fits into a pipe, so that the guest's script is out of every file the moment that it begins. Unit: bytes. */
export const userDataBytesMax = 65_536

/**
 * How late the forced end can be: the entry command looks at the clock at least every 2 seconds, and the engine takes a
 * moment to end what is left. Unit: milliseconds.
 */
const worstOrphanMs = 15_000

/** The engine counts no calls; creating and starting is its own work, and it does few of these at once. */
const rate = { burst: 100, perSecond: 50 } as const
const launchRate = { burst: 10, perSecond: 5 } as const

export const capabilities: Capabilities = {
  launchBatchMax,
  idempotency: 'name',
  listing: 'strong',
  poweroff: 'stops',
  platformTtl: false,
  spot: false,
  guests: ['process', 'linux'],
  userDataBytesMax,
  settleMs: 0,
  worstOrphanMs,
  console: 'live',
  sharesHost: false,
  rates: { launch: launchRate, terminate: rate, read: rate, mark: rate },
}
