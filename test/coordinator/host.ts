import type { Beat, Changes, Clock, Coordinator, StoredRecord, Tenure, Work } from '@agentctl/contract'
import postgres from '@agentctl/coordinator-postgres'
import { until } from '../support/cli.ts'

export const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

export interface HostOptions {
  readonly owner?: string
  readonly clock?: Clock
  /** Gets every line, with its fields. */
  readonly lines?: string[]
}

/** One life of a host, by the plugin itself. */
export function openHost(address: string, host: string, options: HostOptions = {}): Promise<Coordinator> {
  const { owner = 'acme', lines = [] } = options
  const say = (message: string, fields: object = {}) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  return postgres.open({
    ...{ owner, address, host, version: '1.0.0', clock: options.clock ?? clock },
    random: { next: () => Math.random() },
    log: { debug: say, info: say, warn: say },
  })
}

export interface Heart extends AsyncDisposable {
  readonly beats: readonly Beat[]
  /** No beat any more: as a host that was suspended, or died. */
  stop(): Promise<void>
}

/** Beats each half second until it is stopped; what a beat fails with is left to the next one. */
export async function beating(host: Coordinator, machines = 0): Promise<Heart> {
  const beats = [await host.beat({ machines })]
  const ended = new AbortController()
  const loop = (async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(500, ended.signal).catch(() => {})
      if (ended.signal.aborted) return
      await host.beat({ machines }).then(
        beat => beats.push(beat),
        () => {},
      )
    }
  })()
  const stop = async () => {
    ended.abort()
    await loop
  }
  return { beats, stop, [Symbol.asyncDispose]: stop }
}

export function workOn(name: string, ...subjects: readonly string[]): Work {
  return { name, subjects: subjects.length > 0 ? subjects : [name] }
}

export async function taken(host: Coordinator): Promise<Tenure> {
  const tenure = await host.take()
  if (!tenure) throw new Error('there is no work to take')
  return tenure
}

/** What the host is given once it is given something. */
export async function takenWithin(host: Coordinator, limitMs: number): Promise<Tenure> {
  let tenure: Tenure | undefined
  await until(
    'a work can be taken',
    async () => {
      tenure ??= await host.take().catch(() => undefined)
      return tenure !== undefined
    },
    limitMs,
  )
  if (!tenure) throw new Error('there is no work to take')
  return tenure
}

export function recordOf(key: string, subject: string, change: Partial<StoredRecord> = {}): StoredRecord {
  return { kind: 'note', key, subject, isOpen: true, at: 1_700_000_000_000, body: '{}', ...change }
}

export function saving(...saved: readonly StoredRecord[]): Changes {
  return { saved, removed: [] }
}
