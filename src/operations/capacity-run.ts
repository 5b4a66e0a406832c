import { type CapacityTick, openCapacity } from './capacity.ts'
import type { Context } from './context.ts'
import { refuseBesideCoordinator } from './one-controller.ts'
import { paceOf } from './pace.ts'
import { within } from './within.ts'

export interface CapacityRunRequest {
  readonly only: string | undefined
  /** Ticks go on for so long; 0 is one tick. Unit: milliseconds. */
  readonly forMs: number
  /** All of it ends by then, whatever hangs. Unit: milliseconds. */
  readonly deadlineMs: number
  /** Aborted when a person wants it to end: the tick under way is the last one. */
  readonly wake: AbortSignal
  readonly onTick: (tick: CapacityTick, tookMs: number) => unknown
}

/** Left of the deadline for a tick that launches after all. Unit: milliseconds. */
const lastTickMs = 30_000

/** One tick, or ticks for a while. @throws `unavailable` when it does not end in time */
export async function capacityRun(context: Context, request: CapacityRunRequest): Promise<void> {
  refuseBesideCoordinator(context, 'capacity run')
  await within(context, request.deadlineMs, inTime => ticks(inTime, request))
}

async function ticks(
  context: Context,
  { only, forMs, deadlineMs, wake, onTick }: CapacityRunRequest,
): Promise<void> {
  const { clock } = context.effects
  const startedAt = clock.now()
  await using capacity = await openCapacity(context, { only, wake })
  for (;;) {
    const tickedAt = clock.now()
    const tick = await capacity.tick(startedAt + deadlineMs - tickedAt)
    await onTick(tick, clock.now() - tickedAt)
    if (tick.fatal || wake.aborted) return
    const until = startedAt + (isStillStrange(tick) ? Math.max(forMs, deadlineMs - lastTickMs) : forMs)
    const pauseMs = paceOf(tick)
    if (clock.now() + pauseMs >= until) return
    await clock.sleep(pauseMs, AbortSignal.any([wake, context.signal])).catch(() => undefined)
    context.signal.throwIfAborted()
    if (wake.aborted) return
  }
}

/** A journal that starts empty in every container would never launch anything if each run were one look. */
function isStillStrange({ strange, wants }: CapacityTick): boolean {
  return strange.length > 0 && wants.some(({ state }) => state.state === 'open')
}
