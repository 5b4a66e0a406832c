import { setTimeout as sleep } from 'node:timers/promises'
import type { PlayedCloud, PlayedInstance } from '../clouds/guests.ts'

export interface BootedInstances extends AsyncDisposable {
  /** Rejects when a machine does not live as it should; never resolves. */
  readonly failed: Promise<never>
}

/**
 * Real machines for the instances of an emulated cloud: `live` boots one from its user data and is done when it is off,
 * of which the cloud is told.
 */
export function bootInstances(
  cloud: PlayedCloud,
  live: (instance: PlayedInstance) => Promise<void>,
): BootedInstances {
  const seen = new Set<string>()
  const lives: Promise<void>[] = []
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const closing = new AbortController()
  const whole = async (instance: PlayedInstance) => {
    await live(instance)
    await cloud.powerOff(instance.id)
  }
  const watch = async () => {
    while (!closing.signal.aborted) {
      for (const instance of await cloud.running()) {
        if (seen.has(instance.id)) continue
        seen.add(instance.id)
        lives.push(whole(instance).catch(failed.reject))
      }
      await sleep(200, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const watching = watch().catch(failed.reject)
  return {
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all([watching, ...lives])
    },
  }
}
