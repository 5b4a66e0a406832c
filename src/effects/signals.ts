export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Calls `onStop` for each signal that asks us to end; dispose to give the signals their default back. */
export function listenForStop(
  onStop: (signal: StopSignal, count: number) => void,
  signals: readonly StopSignal[] = stopSignals,
): Disposable {
  let count = 0
  const listeners = signals.map(signal => {
    const listener = () => onStop(signal, ++count)
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  return {
    [Symbol.dispose]() {
      for (const off of listeners) off()
    },
  }
}
