import type { Capabilities } from '@agentctl/contract'

/** Before base64. Source: https://learn.microsoft.com/azure/virtual-machines/custom-data, read 2026-11-23. */
export const userDataBytesMax = 65_535

/**
 * Per principal, subscription and region: 200 writes and 200 deletes at once and 10 a second, 250 reads and 25 a
 * second. Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
 * read 2026-11-23. A mark reads and writes; a launch reads, writes, and looks at its operation.
 */
const rates: Capabilities['rates'] = {
  launch: { burst: 150, perSecond: 8 },
  terminate: { burst: 150, perSecond: 8 },
  mark: { burst: 40, perSecond: 2 },
  read: { burst: 100, perSecond: 10 },
}

export const capabilities: Capabilities = {
  launchBatchMax: 1,
  idempotency: 'name',
  listing: 'eventual',
  poweroff: 'stops-and-bills',
  platformTtl: false,
  spot: true,
  // The notice is 30 s. Source: https://learn.microsoft.com/azure/virtual-machines/spot-vms, read 2026-11-23.
  spotGraceMsMax: 20_000,
  cloud: 'azure',
  guests: ['linux'],
  userDataBytesMax,
  // No figure of Azure's: others have seen lists lag. A launch has waited for its operation by then.
  settleMs: 5_000,
  // A machine that has powered itself off is billed until the next tick or `reap`, from whatever host that comes.
  worstOrphanMs: Number.POSITIVE_INFINITY,
  console: 'on-demand',
  sharesHost: false,
  rates,
  listEveryMs: 5_000,
}
