import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >> bits) & 31]
    }
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

export interface LaunchIdentity {
  readonly owner: string
  readonly agentType: string
  /** Job ids, or slots of a run, in any order. */
  readonly wants: readonly string[]
  readonly attempt: number
  readonly offeringId: string
}

/**
 * The launch's name, the same on any host that sees the same facts: 26 characters of `[a-z2-7]`, a letter first,
 * 125 bits of the identity's SHA-256.
 * The offering is in it because EC2 may launch a second machine for a token that is repeated in another zone; the
 * attempt because the token of a terminated instance is spent (EC2 guide, "Ensuring idempotency", 2026).
 */
export function launchIdOf({ owner, agentType, wants, attempt, offeringId }: LaunchIdentity): string {
  const identity = JSON.stringify([owner, agentType, [...wants].sort(), attempt, offeringId])
  return `a${base32(createHash('sha256').update(identity).digest()).slice(0, 25)}`
}

/** Hex SHA-256 of what a launch asks for; `parts` must be plain JSON in a fixed order of keys. */
export function digestOf(userData: Uint8Array, ...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).update(userData).digest('hex')
}

/** At most 60 of the 80 characters that the hub allows (self_hosted_hub pkg/models/agent.go, 2026-08). */
export function agentName(owner: string, launchId: string, index: number): string {
  return `${owner}-${launchId}-${index}`
}
