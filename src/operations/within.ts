import { contractError, hasCode } from '@agentctl/contract'
import type { Context } from './context.ts'

/** Left of a deadline for what is in flight to come to its end. Unit: milliseconds. */
const goodbyeMs = 5_000

/**
 * Runs `work` with a signal that is aborted shortly before the deadline, and gives up on it at the deadline itself:
 * whatever hangs, the command ends.
 * @throws `unavailable`
 */
export async function within<T>(
  context: Context,
  deadlineMs: number,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { clock } = context.effects
  const ending = new AbortController()
  const over = new AbortController()
  const lateBy = (cause?: unknown) =>
    contractError('unavailable', `It was not done within ${Math.round(deadlineMs / 1000)} s`, {
      hint: 'A cloud or the hub does not answer, or another command holds the lock. The next run goes on from here.',
      cause,
    })
  const late = lateBy()
  const watch = async () => {
    const softMs = Math.max(deadlineMs / 2, deadlineMs - goodbyeMs)
    await clock.sleep(softMs, over.signal)
    ending.abort(late)
    await clock.sleep(deadlineMs - softMs, over.signal)
  }
  const endless = Promise.withResolvers<never>()
  watch().then(
    () => endless.reject(late),
    () => undefined,
  )
  try {
    const signal = AbortSignal.any([context.signal, ending.signal])
    return await Promise.race([work({ ...context, signal }), endless.promise])
  } catch (error) {
    const isCutShort = ending.signal.aborted && !context.signal.aborted && hasCode(error, 'cancelled')
    throw isCutShort ? lateBy(error) : error
  } finally {
    over.abort()
    // What was asked and is not waited for any more must not keep the process.
    ending.abort(late)
  }
}
