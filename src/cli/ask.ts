import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { contractError } from '@agentctl/contract'

export interface Asking extends Disposable {
  /** @throws `cancelled` by Ctrl-C, or where the terminal is gone */
  ask(words: string): Promise<string>
}

/** Questions on standard error, so that what a command prints stays its own; undefined without a terminal. */
export function openAsking(): Asking | undefined {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  const lines = createInterface({ input: stdin, output: stderr })
  const over = new AbortController()
  const end = () => over.abort(contractError('cancelled', 'Nothing was written', { cause: 'SIGINT' }))
  lines.once('SIGINT', end).once('close', end)
  return {
    ask: words =>
      lines.question(words, { signal: over.signal }).catch(error => {
        throw over.signal.aborted ? over.signal.reason : error
      }),
    [Symbol.dispose]: () => lines.close(),
  }
}
