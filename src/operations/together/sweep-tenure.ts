import type { Tenure } from '@agentctl/contract'
import { openMirror } from '../../coordination/mirror.ts'
import { openSurvey } from '../survey.ts'
import { type Swept, sweepIfDue } from '../sweep-if-due.ts'
import type { Ground } from './ground.ts'
import type { TenureRequest } from './pool-tenure.ts'

/** Longest time to the next look whether a sweep is due. Unit: milliseconds. */
const lookMs = 30_000

export interface SweepRequest extends Omit<TenureRequest, 'onTick'> {
  readonly onSwept: (swept: Swept) => void
}

/**
 * Sweeps what has no right to live, of every pool that is or was, by tags alone: as `reap` does on a host that knows
 * nothing else. Only its own notes, of what it saw and when, are written down.
 */
export async function serveSweeps(ground: Ground, tenure: Tenure, request: SweepRequest): Promise<void> {
  const { settings, effects, signal } = ground.context
  const { clock } = effects
  const lost = new AbortController()
  const over = AbortSignal.any([request.wake, lost.signal])
  while (!over.aborted) {
    using mirror = await openMirror(tenure, {
      now: clock.now,
      onCommit: request.onCommit,
      isTrusted: ground.trust(),
      isShared: ({ kind }) => kind === 'note',
      onEnd(why) {
        lost.abort()
        request.onLost(why)
      },
    })
    const context = ground.contextFor({
      mirror,
      settings,
      isOurs: () => true,
      maxAlive: async () => 0,
    })
    await using survey = await openSurvey(context)
    const swept = await sweepIfDue(context, survey, 0)
    if (swept) request.onSwept(swept)
    await clock.sleep(lookMs, AbortSignal.any([over, signal])).catch(() => undefined)
  }
}
