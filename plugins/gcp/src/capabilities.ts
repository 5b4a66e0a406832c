import type { Capabilities } from '@agentctl/contract'

/**
 * A value of the metadata holds 262,144 bytes, and user data is sent as base64, which makes four bytes of three.
 * Source: https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations, read 2026-11-23.
 */
export const userDataBytesMax = 196_608

/** How long before `expiresAt` the platform's own deadline lies, so that it comes before the guest's. */
export const deadlineMarginMs = 30_000

/**
 * The platform ends a machine up to 30 s late, and then gives it up to 2 minutes to stop.
 * Source: https://cloud.google.com/compute/docs/instances/limit-vm-runtime, read 2026-11-23. Unit: milliseconds.
 */
const worstOrphanMs = 150_000

/**
 * Launches, deletes and changes share one count of 1,500 a minute, which is 25 a second.
 * Source: https://cloud.google.com/compute/api-quota, read 2026-11-23.
 */
const rates: Capabilities['rates'] = {
  launch: { burst: 25, perSecond: 10 },
  terminate: { burst: 25, perSecond: 8 },
  mark: { burst: 25, perSecond: 7 },
  read: { burst: 50, perSecond: 25 },
}

export const capabilities: Capabilities = {
  launchBatchMax: 1,
  idempotency: 'name',
  listing: 'strong',
  poweroff: 'stops',
  platformTtl: true,
  spot: true,
  spotGraceMsMax: 20_000,
  cloud: 'gce',
  guests: ['linux'],
  userDataBytesMax,
  settleMs: 5_000,
  worstOrphanMs,
  console: 'on-demand',
  isGuardNeeded: true,
  sharesHost: false,
  rates,
  listEveryMs: 5_000,
}
