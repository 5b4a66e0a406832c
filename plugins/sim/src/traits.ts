import type { Capabilities, Rate, ResourceKind } from '@agentctl/contract'

/** What kind of cloud it is: fixed when it is made, and what its provider declares. */
export interface Traits extends Capabilities {
  /** A token is known per zone: repeated in another zone it launches a second instance. */
  readonly zoneScopedTokens: boolean
  /** Made along with every instance, and gone with it. */
  readonly auxiliary: readonly ResourceKind[]
  /** How long an instance that has ended is still shown. Unit: milliseconds. */
  readonly endedShownMs: number
  readonly pageSize: number
  /** It keeps tokens for guests; what signs their URLs is there after so long. Unit: milliseconds. */
  readonly tokens?: { readonly signMs: number }
  readonly verbs: { readonly mark: boolean; readonly guard: boolean }
}

const fast: Rate = { burst: 100, perSecond: 20 }

export const plainTraits: Traits = {
  launchBatchMax: 1,
  idempotency: 'token',
  listing: 'strong',
  poweroff: 'stops',
  platformTtl: false,
  spot: true,
  guests: ['linux', 'process'],
  userDataBytesMax: 16_384,
  settleMs: 0,
  worstOrphanMs: 600_000,
  console: 'on-demand',
  sharesHost: false,
  rates: { launch: fast, terminate: fast, read: fast, mark: fast },
  zoneScopedTokens: false,
  auxiliary: ['disk'],
  endedShownMs: 0,
  pageSize: 100,
  verbs: { mark: true, guard: true },
}

/** The part of the traits that a provider shows. */
export function capabilitiesOf(traits: Traits): Capabilities {
  const { zoneScopedTokens, auxiliary, endedShownMs, pageSize, tokens, verbs, ...capabilities } = traits
  return capabilities
}
