import { contractError, hasCode, type ResourceRef } from '@agentctl/contract'
import { type CloudInstance, type Compute, type Operation, setLabels, setMetadata } from './api.ts'
import { userDataKeys } from './body.ts'
import type { Context } from './context.ts'
import { isNotFound, isStale } from './errors.ts'
import { findInstance } from './find.ts'
import { type Place, placeOf } from './ids.ts'
import { markedLabels } from './labels.ts'
import { errorOf, untilDone } from './operations.ts'

/** How often a change is tried again that somebody else came before. */
const triesMax = 6
/** Before the next try, at most. Unit: milliseconds. */
const pauseMs = 400

type Send = (found: CloudInstance, place: Place) => Promise<Operation> | undefined

/**
 * Reads, changes and waits until the change is there; a fingerprint that was overtaken (412) is read again. Nothing
 * is sent where there is nothing to change, or nothing there.
 * @throws `not-owned`, `conflict` when others change it all the time
 */
async function changed(
  context: Context,
  compute: Compute,
  ref: ResourceRef,
  what: string,
  send: Send,
): Promise<void> {
  const place = placeOf(ref)
  if (!place || ref.kind !== 'instance') return
  for (let tries = 1; ; tries += 1) {
    const found = await findInstance(context, compute, place)
    if (!found) return
    try {
      const started = await send(found, place)
      if (!started) return
      const done = await untilDone(compute, place.at, started, context.clock)
      const error = errorOf(done, `${what} ${ref.id}`, context.clock.now())
      if (!error) return
      throw error
    } catch (error) {
      if (isNotFound(error)) return
      // Said at once, or by the operation when another one came before it.
      if (!isStale(error) && !hasCode(error, 'conflict')) throw error
      if (tries === triesMax) {
        throw contractError('conflict', `${what} ${ref.id} failed: others change it all the time`, {
          cause: error,
        })
      }
      await context.clock.sleep(Math.ceil(context.random.next() * pauseMs), compute.bounds.signal)
    }
  }
}

/** Takes the user data out of the metadata; everything else in it stays. */
export function guard(context: Context, compute: Compute, ref: ResourceRef): Promise<void> {
  return changed(context, compute, ref, 'guard of', ({ metadata }, { at, name }) => {
    const items = metadata?.items ?? []
    const kept = items.filter(({ key }) => !userDataKeys.includes(key))
    if (kept.length === items.length) return undefined
    return setMetadata(compute, at, name, { fingerprint: metadata?.fingerprint ?? '', items: kept })
  })
}

/** Changes the labels that hold the deadline and the hold. */
export function mark(
  context: Context,
  compute: Compute,
  ref: ResourceRef,
  change: { expiresAt?: number; holdUntil?: number },
): Promise<void> {
  return changed(context, compute, ref, 'mark of', ({ labels, labelFingerprint }, { at, name }) =>
    setLabels(compute, at, name, { labelFingerprint, labels: markedLabels(labels, change) }),
  )
}
