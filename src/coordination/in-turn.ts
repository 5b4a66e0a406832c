/**
 * One run of `work` at a time. Whoever asks while one is under way shares the next one, which begins after it was asked
 * for.
 */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  function start(): Promise<void> {
    next = undefined
    const run = work()
    running = run
    const settled = () => {
      if (running === run) running = undefined
    }
    run.then(settled, settled)
    return run
  }

  return () => {
    if (next) return next
    if (!running) return start()
    next = running.then(start, start)
    return next
  }
}
