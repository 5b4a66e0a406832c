import type { Capabilities } from '@agentctl/contract'

export const launchBatchMax = 10
export const userDataBytesMax = 1_048_576

/**
 * How late the forced end can be: the guest host looks at its deadline once a second, and gives QEMU a second to quit
 * before it is killed. The rest is for a busy host. Unit: milliseconds.
 */
const worstOrphanMs = 10_000

/** Nobody counts calls here; this only keeps a loop that has gone wild from eating the machine. */
const rate = { burst: 200, perSecond: 100 } as const

export const capabilities: Capabilities = {
  launchBatchMax,
  idempotency: 'name',
  listing: 'strong',
  poweroff: 'stops',
  // The guest host is no controller: it lives as long as the machine, and the machine dies with it.
  platformTtl: true,
  spot: false,
  guests: ['linux'],
  userDataBytesMax,
  settleMs: 0,
  worstOrphanMs,
  console: 'live',
  sharesHost: false,
  rates: { launch: rate, terminate: rate, read: rate, mark: rate },
}
