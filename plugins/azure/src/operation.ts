import type { Clock } from '@agentctl/contract'
import { z } from 'zod'
import type { Arm } from './arm.ts'
import { type CloudFault, retryAfterOf } from './errors.ts'

/** Where an operation is followed. */
export interface Operation {
  /** Of `Azure-AsyncOperation`, or of `Location`; undefined when the answer had neither. */
  readonly url: string | undefined
  readonly retryAfterMs: number | undefined
}

/** `unclear`: its URL does not answer, or not with an operation, which says nothing about the machine. */
export type Outcome =
  | { readonly is: 'under-way' | 'succeeded' | 'unclear' }
  | { readonly is: 'failed'; readonly fault: CloudFault }

/**
 * Where Azure does not say when, or says at once. One machine's operation may be looked at 15 times a minute.
 * Source: https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits, read 2026-11-23.
 */
const everyMs = 5_000

const body = z.object({
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).partial().optional(),
})

/** Looks at it as often as it says, and no longer than `withinMs`. */
export async function follow(
  arm: Pick<Arm, 'get'>,
  operation: Operation,
  { clock, withinMs, signal }: { clock: Clock; withinMs: number; signal: AbortSignal },
): Promise<Outcome> {
  const { url } = operation
  if (url === undefined) return { is: 'unclear' }
  const until = clock.now() + withinMs
  for (let waitMs = operation.retryAfterMs ?? everyMs; ; ) {
    const pause = waitMs > 0 ? waitMs : everyMs
    if (clock.now() + pause > until) return { is: 'under-way' }
    await clock.sleep(pause, signal)
    const { outcome, retryAfterMs } = await look(arm, url, signal)
    if (outcome.is !== 'under-way') return outcome
    waitMs = retryAfterMs ?? everyMs
  }
}

async function look(
  arm: Pick<Arm, 'get'>,
  url: string,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; retryAfterMs?: number | undefined }> {
  const answer = await arm.get(url, signal).catch(error => {
    if (signal.aborted) throw error
    return undefined
  })
  if (!answer) return { outcome: { is: 'unclear' } }
  const retryAfterMs = retryAfterOf({ get: answer.header })
  if (answer.status === 429) return { outcome: { is: 'under-way' }, retryAfterMs: retryAfterMs ?? everyMs }
  return { outcome: outcomeOf(answer.status, answer.body), retryAfterMs }
}

/** Pure. */
export function outcomeOf(status: number, said: unknown): Outcome {
  if (status === 202) return { is: 'under-way' }
  const told = body.safeParse(said).data
  if (status === 200 && told) {
    const word = told.status.toLowerCase()
    if (word === 'succeeded') return { is: 'succeeded' }
    if (word === 'failed' || word === 'canceled')
      return { is: 'failed', fault: told.error ?? { code: told.status } }
    return { is: 'under-way' }
  }
  if (status === 200 || status === 201 || status === 204) return { is: 'succeeded' }
  const refused = z
    .object({ error: z.object({ code: z.string(), message: z.string() }).partial() })
    .safeParse(said)
  // The result of a `Location` is the error itself; a URL that is gone is no result.
  if (refused.success && status !== 404 && status < 500) return { is: 'failed', fault: refused.data.error }
  return { is: 'unclear' }
}
