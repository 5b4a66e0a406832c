import type { Call } from './provider.ts'

/** Where a registration token lies. Plain data, and no secret. */
export interface StoredToken {
  readonly bucket: string
  readonly region: string
  readonly key: string
}

/** When a signed URL is good. */
export interface SigningWindow {
  /** Whole seconds are used, rounded down. Unit: milliseconds since the epoch. */
  readonly signedAt: number
  /** From `signedAt`. Unit: milliseconds. */
  readonly validMs: number
}

/** Hands registration tokens to guests apart from their user data, by URLs that stop working by themselves. */
export interface TokenStore {
  /**
   * Writes the agent type's token over what was there, into a bucket that a person made and nobody else can write to.
   * @throws `not-owned` for a bucket of another account, `invalid-spec` where there is none, `permission-denied`, …
   */
  put(place: { bucket: string; agentType: string }, token: string, call: Call): Promise<StoredToken>
  /**
   * A URL that gives the object to whoever has it. No call to the cloud for each: equal input gives equal text for as
   * long as the controller's credentials stay the same.
   * @throws `invalid-spec` for a window that cannot be signed, `unavailable` where credentials end too soon for a boot
   */
  sign(stored: StoredToken, window: SigningWindow): Promise<string>
}
