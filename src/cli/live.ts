import process from 'node:process'
import type { Clock } from '@agentctl/contract'
import { leave } from '../effects/process.ts'
import { listenForStop } from '../effects/signals.ts'
import { messageOf } from '../errors/message.ts'
import { redact } from '../errors/redact.ts'

export interface Live {
  readonly clock: Clock
  /** Between two looks. Unit: milliseconds. */
  readonly everyMs: number
  /** What there is to see now. One that fails leaves the picture before in place, with the reason. */
  readonly look: () => Promise<readonly string[]>
}

/** Whether standard output can be drawn on again and again. */
export function isDrawable(): boolean {
  return process.stdout.isTTY === true && process.stdout.columns > 0
}

/** Draws on standard output, in place, until a person ends it; the last picture stays. */
export async function drawLive({ clock, everyMs, look }: Live): Promise<void> {
  const { default: draw } = await import('log-update')
  const over = new AbortController()
  using _listener = listenForStop((_, count) => (count > 1 ? leave(0) : over.abort()))
  let lines: readonly string[] = []
  let trouble: readonly string[] = []
  try {
    while (!over.signal.aborted) {
      try {
        lines = await look()
        trouble = []
      } catch (error) {
        trouble = [`As it was seen last; now: ${redact(messageOf(error))}`, '']
      }
      draw([...trouble, ...lines].join('\n'))
      await clock.sleep(everyMs, over.signal).catch(() => undefined)
    }
  } finally {
    draw.done()
  }
}
