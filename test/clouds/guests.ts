import { setTimeout as sleep } from 'node:timers/promises'
import { type Fate, type Guest, startGuest } from './guests/guest.ts'
import { serveMetadata } from './guests/metadata.ts'

export type { Fate } from './guests/guest.ts'

/** An emulated cloud, as its guests see it: asked out of band, so that nothing of it counts as a call of the product. */
export interface PlayedCloud {
  /** Instances that run now; each is played once, by its id. */
  running(): Promise<readonly PlayedInstance[]>
  /** What the cloud does when a guest powers itself off. */
  powerOff(id: string): Promise<void>
  /** What it does to a machine that its spot market takes back; needed for that fate alone. */
  reclaim?(id: string): Promise<void>
  /** Appends to the serial console, where the cloud keeps one. */
  write?(id: string, text: string): void | Promise<void>
}

export interface PlayedInstance {
  readonly id: string
  /** Among the instances of its launch: what the guest is told by the metadata service. */
  readonly index: number
  /** As the cloud stores it, decoded. */
  readonly userData: Uint8Array
}

export interface PlayOptions {
  /** Undefined for a guest that lives as it should; `nth` counts the guests from 0 as they are first seen. */
  readonly fate?: (instance: PlayedInstance, nth: number) => Fate | undefined
  /** Guests whose agents are on their way to their registration at the same time. */
  readonly bootingMax?: number
  /** From the first sight of an instance to its guest's start; none when left out. */
  readonly bootMs?: number
}

export interface Guests extends AsyncDisposable {
  /** Ids of all guests so far. */
  seen(): readonly string[]
}

const lookEveryMs = 100

/**
 * Plays the guests of an emulated cloud until it is disposed of: each instance that runs gets its real user data read
 * (see `guests/set-up.ts`) and the stand-in agent run with it, and is powered off when the agent has left.
 * An instance that runs no more has its agent killed.
 */
export async function playGuests(cloud: PlayedCloud, options: PlayOptions = {}): Promise<Guests> {
  const metadata = await serveMetadata()
  const guests = new Map<string, Guest>()
  const gate = openGate(options.bootingMax ?? 8)
  const closing = new AbortController()
  const failures: unknown[] = []

  const play = async (instance: PlayedInstance, nth: number): Promise<void> => {
    if (options.bootMs)
      await sleep(options.bootMs, undefined, { signal: closing.signal }).catch(() => undefined)
    const release = await gate()
    if (closing.signal.aborted) return release()
    let written = Promise.resolve()
    const guest = startGuest({
      userData: instance.userData,
      metadataUrl: metadata.urlOf(instance.index),
      fate: options.fate?.(instance, nth),
      write: text => {
        written = written.then(() => cloud.write?.(instance.id, text))
      },
    })
    guests.set(instance.id, guest)
    void guest.started.then(release)
    const end = await guest.ended
    await written
    if (closing.signal.aborted || end === 'nothing') return
    await (end === 'reclaimed' ? cloud.reclaim?.(instance.id) : cloud.powerOff(instance.id))
  }
  const seen = new Set<string>()
  const lives: Promise<void>[] = []
  const watch = async () => {
    while (!closing.signal.aborted) {
      const askedAt = Date.now()
      const running = await cloud.running()
      const tookMs = Date.now() - askedAt
      for (const instance of running.filter(({ id }) => !seen.has(id))) {
        lives.push(play(instance, seen.size).catch(error => void failures.push(error)))
        seen.add(instance.id)
      }
      const ids = new Set(running.map(({ id }) => id))
      for (const [id, guest] of guests) if (!ids.has(id)) guest.stop()
      // A cloud of a thousand machines takes a while to tell of them.
      await sleep(Math.max(lookEveryMs, 4 * tookMs), undefined, { signal: closing.signal }).catch(
        () => undefined,
      )
    }
  }
  const watching = watch().catch(error => void failures.push(error))
  return {
    seen: () => [...seen],
    async [Symbol.asyncDispose]() {
      closing.abort()
      for (const guest of guests.values()) guest.stop()
      await Promise.all([watching, ...lives, ...[...guests.values()].map(guest => guest.over)])
      await metadata[Symbol.asyncDispose]()
      if (failures.length > 0) throw new AggregateError(failures, 'Guests could not be played')
    },
  }
}

/** Lets so many through at once; each gives its place back. */
function openGate(places: number): () => Promise<() => void> {
  let free = places
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    return leave
  }
}
