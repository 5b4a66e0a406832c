import type { Capabilities } from '@agentctl/contract'

const rate = { burst: 10, perSecond: 5 }

/** What the engine and the conformance kit go by: they call nothing that is not declared. */
export const capabilities: Capabilities = {
  launchBatchMax: 1,
  idempotency: 'name',
  listing: 'strong',
  poweroff: 'stops',
  platformTtl: false,
  spot: false,
  guests: ['linux'],
  userDataBytesMax: 65_536,
  settleMs: 0,
  worstOrphanMs: Number.POSITIVE_INFINITY,
  console: 'none',
  sharesHost: false,
  rates: { launch: rate, terminate: rate, read: rate, mark: rate },
}
