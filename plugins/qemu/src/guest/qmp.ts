import type { Duplex } from 'node:stream'
import { after } from './effects.ts'

/**
 * The QEMU Machine Protocol: JSON values, one a line, over a socket.
 * Source: QEMU 7.2, docs/interop/qmp-spec.txt.
 */
export interface Qmp {
  /**
   * The command's answer. @throws what QEMU refused it with, or that the time (milliseconds, 5,000 unless given), the
   * signal or the connection was over before the answer
   */
  execute(command: string, bounds?: QmpBounds): Promise<unknown>
  close(): void
}

export interface QmpBounds {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface QmpEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

interface Reply {
  readonly id?: number
  readonly event?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly error?: { readonly desc?: string }
  readonly return?: unknown
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A line longer than this is not QEMU's. Unit: characters. */
const lineMax = 1_048_576

/** Speaks with the QEMU at the other end; its greeting need not have come yet. */
export function openQmp(socket: Duplex, onEvent: (event: QmpEvent) => void): Qmp {
  const waiting = new Map<number, Waiting>()
  let count = 0
  let rest = ''
  let isOver = false

  const end = () => {
    isOver = true
    for (const { reject } of waiting.values()) reject(new Error('QEMU has closed its control socket'))
    waiting.clear()
  }
  const take = (line: string) => {
    const reply = parsed(line)
    if (reply?.event !== undefined) return onEvent({ event: reply.event, data: reply.data ?? {} })
    const caller = waiting.get(reply?.id ?? -1)
    if (reply?.error) caller?.reject(new Error(`QEMU refused: ${reply.error.desc ?? 'no reason given'}`))
    else caller?.resolve(reply?.return)
  }
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, lineMax)
    for (const line of lines) take(line)
  })
  for (const over of ['end', 'close', 'error'] as const) socket.once(over, end)

  const execute = (command: string, { timeoutMs = 5_000, signal }: QmpBounds = {}): Promise<unknown> => {
    const id = ++count
    if (isOver) return Promise.reject(new Error('QEMU has closed its control socket'))
    const fail = (why: string) => waiting.get(id)?.reject(new Error(why))
    const timer = after(timeoutMs, () => fail(`QEMU did not answer ${command} in ${timeoutMs} ms`))
    const cancel = () => fail(`${command} was cancelled`)
    const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }))
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    else socket.write(`${JSON.stringify({ execute: command, id })}\n`)
    return answer.finally(() => {
      waiting.delete(id)
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    })
  }
  const ready = execute('qmp_capabilities', { timeoutMs: 60_000 })
  // Whoever asks for something sees the failure; with nobody asking there is none to tell.
  ready.catch(() => undefined)
  return {
    execute: async (command, bounds) => {
      await ready
      return execute(command, bounds)
    },
    close: () => socket.destroy(),
  }
}

function parsed(line: string): Reply | undefined {
  try {
    return JSON.parse(line) as Reply
  } catch {
    return undefined
  }
}
