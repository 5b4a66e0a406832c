import type { Clock } from '@agentctl/contract'

/** A clock that stands still until a test moves it. Timers of one instant run in the order they were set. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, running what falls due on the way. */
  advance(ms: number): Promise<void>
  /**
   * Moves on from timer to timer until `condition` holds.
   * @throws when `limitMs` of virtual time (a day) pass first, or nothing is left that could change anything
   */
  runUntil(condition: () => boolean, limitMs?: number): Promise<void>
  /** Moves on until the task has ended, and gives its outcome. Limits as in {@link runUntil}. */
  drive<T>(task: Promise<T>, limitMs?: number): Promise<T>
  /** Runs `run` at that time; the answer takes it off again. */
  schedule(atMs: number, run: () => void): () => void
  /** A view for one simulated process: after `drop`, its timers never fire and its sleeps never end, as after SIGKILL. */
  process(): { readonly clock: Clock; drop(): void }
  /** Timers that are set. */
  pending(): number
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

const DAY_MS = 86_400_000
const IDLE_TURNS_MAX = 5000

// Not a timer: lets every promise that is ready run, and comes back after the last of them.
const idle = () => new Promise<void>(resolve => setImmediate(resolve))

/** Virtual time from `startMs`, by default 2026-01-01T00:00:00Z. */
export function createVirtualClock(startMs = 1_767_225_600_000): VirtualClock {
  let now = startMs
  const timers: Timer[] = []

  const schedule = (atMs: number, run: () => void) => {
    const timer: Timer = { at: Math.max(atMs, now), run }
    timers.splice(firstAfter(timers, timer.at), 0, timer)
    return () => {
      const index = timers.indexOf(timer)
      if (index >= 0) timers.splice(index, 1)
    }
  }

  /** Runs the next timer up to `until`, and all that follows from it at once. */
  const step = async (until: number): Promise<boolean> => {
    const [timer] = timers
    if (timer === undefined || timer.at > until) return false
    timers.shift()
    now = timer.at
    timer.run()
    await idle()
    return true
  }

  const advance = async (ms: number) => {
    const until = now + ms
    await idle()
    while (await step(until));
    now = until
  }

  const runUntil = async (condition: () => boolean, limitMs = DAY_MS) => {
    const until = now + limitMs
    await idle()
    let idleTurns = 0
    while (!condition()) {
      if (await step(until)) idleTurns = 0
      else if (timers.length > 0) throw stuck(now, `${limitMs} ms have passed`)
      else if (idleTurns === IDLE_TURNS_MAX) throw stuck(now, 'no timer is left')
      else {
        // Real work outside of this clock, such as a file that is read, may still be on its way.
        idleTurns += 1
        await idle()
      }
    }
  }

  return {
    now: () => now,
    sleep: sleepOn(() => now, schedule),
    advance,
    runUntil,
    schedule,
    async drive(task, limitMs) {
      let isOver = false
      const end = () => {
        isOver = true
      }
      task.then(end, end)
      await runUntil(() => isOver, limitMs)
      return task
    },
    process() {
      let isDropped = false
      const scheduleLive: typeof schedule = (atMs, run) => schedule(atMs, () => isDropped || run())
      const drop = () => {
        isDropped = true
      }
      return { clock: { now: () => now, sleep: sleepOn(() => now, scheduleLive) }, drop }
    },
    pending: () => timers.length,
  }
}

function stuck(now: number, why: string): Error {
  return new Error(`virtual time stands at ${new Date(now).toISOString()}: ${why}, and it is not done`)
}

function sleepOn(now: () => number, schedule: VirtualClock['schedule']): Clock['sleep'] {
  return (ms, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const cancel = schedule(now() + ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    return promise
  }
}

/** Index of the first timer after `at`: timers of the same instant keep their order. */
function firstAfter(timers: readonly Timer[], at: number): number {
  let low = 0
  let high = timers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timers[middle]?.at ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}
