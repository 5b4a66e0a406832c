import { type Clock, type ContractError, hasCode } from '@agentctl/contract'
import { type Compute, type Operation, waitForOperation } from './api.ts'
import { faultError, toContractError } from './errors.ts'

/** Between two waits, where the long poll itself came back early or failed. Unit: milliseconds. */
const pauseMs = 1_000

/**
 * The operation once it is done, by long polls (of at most two minutes each at Google's side). What a failed poll says
 * is nothing about the operation, so it is asked again for as long as the call lasts.
 */
export async function untilDone(
  compute: Compute,
  zone: string,
  started: Operation,
  clock: Clock,
): Promise<Operation> {
  let operation = started
  while (operation.status !== 'DONE') {
    const askedAt = clock.now()
    try {
      operation = await waitForOperation(compute, zone, started.name)
      // A poll that comes back at once would be a busy loop.
      if (operation.status === 'DONE' || clock.now() - askedAt > pauseMs) continue
    } catch (error) {
      const known = toContractError(error, `wait for ${started.name}`, clock.now())
      if (!hasCode(known, 'unavailable', 'rate-limited')) throw known
    }
    await clock.sleep(pauseMs, compute.bounds.signal)
  }
  return operation
}

/** What went wrong inside an operation that is done. Pure. */
export function errorOf(operation: Operation, what: string, now: number): ContractError | undefined {
  const errors = operation.error?.errors ?? []
  const [first] = errors
  if (!first) return undefined
  const message = errors.map(({ code, message: words }) => `${code}: ${words}`).join('; ')
  return faultError({ status: 0, message, reasons: errors.map(({ code }) => code) }, what, now)
}
