import { contractError } from '@agentctl/contract'
import { leave } from '../effects/process.ts'
import { listenForStop, type StopSignal } from '../effects/signals.ts'
import type { Policy } from '../fleet/policy.ts'

export interface Stop extends Disposable {
  readonly signal: () => StopSignal | undefined
  readonly intent: () => Policy['intent']
  /** Aborted at the first signal, to cut a wait short. */
  readonly wake: AbortSignal
}

const exitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

/** The first signal drains, or ends everything; the second leaves at once, and what runs ends by its own deadline. */
export function stopBySignal(first: 'drain' | 'end', say: (line: string) => void): Stop {
  const wake = new AbortController()
  let received: StopSignal | undefined
  const listener = listenForStop((signal, count) => {
    if (count > 1) {
      say('Left at once. What runs ends by its own deadline: agentctl instances list, agentctl reap.')
      leave(exitCodes[signal])
    }
    received = signal
    say(
      `${signal}: launching nothing more${first === 'end' ? ', ending everything' : ''}; again to leave at once.`,
    )
    wake.abort(
      contractError('cancelled', `Stopped by ${signal} before anything was launched`, { cause: signal }),
    )
  })
  return {
    signal: () => received,
    intent: () => (received ? first : 'run'),
    wake: wake.signal,
    [Symbol.dispose]: () => listener[Symbol.dispose](),
  }
}

export function exitOfSignal(signal: StopSignal): number {
  return exitCodes[signal]
}
