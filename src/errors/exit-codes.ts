import type { ContractError, ErrorCode } from '@agentctl/contract'

/** What the process exits with, for each error code. `cancelled` is SIGINT's; {@link exitCodeOf} knows SIGTERM's. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  'invalid-spec': 2,
  unsupported: 2,
  'provider-not-installed': 3,
  unauthenticated: 10,
  'permission-denied': 10,
  'quota-exceeded': 11,
  'capacity-unavailable': 12,
  'rate-limited': 12,
  unavailable: 12,
  'outcome-unknown': 12,
  'launch-spent': 12,
  conflict: 12,
  'boot-failed': 13,
  'agent-timeout': 13,
  'cleanup-incomplete': 20,
  'not-owned': 70,
  internal: 70,
  cancelled: 130,
}

/** Gravest first: something left behind costs money, a bug of ours comes before what a retry may cure. */
const byGravity = [20, 70, 13, 12, 11, 10, 3, 2, 130] as const

/** Exit code of one command that ended in many ways; 0 when nothing went wrong. */
export function gravest(codes: readonly ErrorCode[]): number {
  const exits = new Set(codes.map(code => exitCodes[code]))
  return byGravity.find(exit => exits.has(exit)) ?? 0
}

/** A `cancelled` whose cause is the signal's name, `SIGTERM`, exits with 143. */
export function exitCodeOf(error: ContractError): number {
  if (error.code === 'cancelled' && error.cause === 'SIGTERM') return 143
  return exitCodes[error.code]
}
