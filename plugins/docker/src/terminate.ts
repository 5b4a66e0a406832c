import type { ResourceRef } from '@agentctl/contract'
import * as api from './api.ts'
import type { Context } from './context.ts'
import { isConflict, isNoSuchContainer } from './errors.ts'
import { findOwned } from './find.ts'

/** How long a call waits for a guest that may stop at once. Unit: milliseconds. */
const patienceMs = 750
/** Where the container does not say how long it may take. Unit: seconds. */
const defaultStopSeconds = 12

const running: readonly string[] = ['running', 'paused', 'restarting']

/**
 * Asks a guest that runs to stop, which the engine enforces after the stop grace, and answers `accepted`; removes one
 * that is off, or was never started, with its anonymous volumes, and answers `gone`.
 * @throws `not-owned`, or the engine's own errors
 */
export async function terminate(
  context: Context,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<'accepted' | 'gone'> {
  const found = await findOwned(context, ref, signal)
  if (!found) return 'gone'
  if (running.includes(found.State.Status) && !(await stops(context, found, signal))) return 'accepted'
  try {
    await api.removeContainer(context.engine, found.Id, true, signal)
    return 'gone'
  } catch (error) {
    if (isNoSuchContainer(error)) return 'gone'
    if (isConflict(error)) return 'accepted'
    throw error
  }
}

/** True when the container has stopped within a moment. */
async function stops(
  context: Context,
  { Id, Config }: api.InspectedContainer,
  signal: AbortSignal,
): Promise<boolean> {
  const moment = new AbortController()
  const patience = context.clock.sleep(patienceMs, AbortSignal.any([signal, moment.signal]))
  const stopped = stopOf(context, Id, Config.StopTimeout ?? defaultStopSeconds)
  try {
    return await Promise.race([stopped, patience.then(() => false)])
  } finally {
    moment.abort()
    patience.catch(() => undefined)
  }
}

/** One stop per container: the engine would send the signal again for each. Not bound to the call that asked first. */
function stopOf({ engine, stops, closing }: Context, id: string, graceSeconds: number): Promise<boolean> {
  const known = stops.get(id)
  if (known) return known
  const stop = api.stopContainer(engine, id, graceSeconds, closing.signal).then(
    () => true,
    // A request that broke off is made again by the next call; one that found nothing shows at the next look.
    error => isNoSuchContainer(error),
  )
  const watched = stop.finally(() => stops.delete(id))
  stops.set(id, watched)
  return watched
}
