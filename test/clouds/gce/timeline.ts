/** Real time that can be moved on at will, with what is due at its times. */
export interface Timeline {
  now(): number
  at(time: number, run: () => void): void
  /** Runs what is due. */
  catchUp(): void
  /** Moves the time on, and stops at everything that is due on the way. */
  advance(ms: number): void
  /** Resolves when something was due, at the latest after `ms` of real time. */
  pause(ms: number): Promise<void>
}

export function createTimeline(): Timeline {
  let skew = 0
  let events: { readonly time: number; readonly run: () => void }[] = []
  const now = () => Date.now() + skew

  function runUntil(limit: number): void {
    for (;;) {
      const due = events.filter(({ time }) => time <= limit).sort((a, b) => a.time - b.time)
      const [next] = due
      if (!next) return
      events = events.filter(event => event !== next)
      next.run()
    }
  }

  return {
    now,
    at: (time, run) => void events.push({ time, run }),
    catchUp: () => runUntil(now()),
    advance(ms) {
      const until = now() + ms
      for (;;) {
        const next = Math.min(...events.map(({ time }) => time))
        if (next > until) break
        skew += Math.max(0, next - now())
        runUntil(now())
      }
      skew += Math.max(0, until - now())
      runUntil(now())
    },
    pause(ms) {
      const next = Math.min(...events.map(({ time }) => time)) - now()
      return new Promise(resolve => setTimeout(resolve, Math.max(0, Math.min(ms, next))))
    },
  }
}
