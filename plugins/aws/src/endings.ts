import type { Clock } from '@agentctl/contract'

/** As long as calls are gathered before they leave as one. Unit: milliseconds. */
const windowMs = 100
/** Ids in one TerminateInstances; more make it fail as a whole more often. */
const idsMax = 500

export type Ending = 'accepted' | 'gone'
/** What became of each id: its answer, or the error that is its own. */
export type Outcomes = ReadonlyMap<string, Ending | Error>

interface Waiting {
  readonly id: string
  readonly resolve: (ending: Ending) => void
  readonly reject: (error: unknown) => void
}

export interface Endings {
  end(id: string): Promise<Ending>
}

/** Gathers what is asked for at about the same time, and asks for it at once. */
export function gatherEndings(clock: Clock, endAll: (ids: readonly string[]) => Promise<Outcomes>): Endings {
  let waiting: Waiting[] = []
  let isOpen = false

  async function send(): Promise<void> {
    await clock.sleep(windowMs)
    const taken = waiting
    waiting = []
    isOpen = false
    const ids = [...new Set(taken.map(({ id }) => id))]
    for (let at = 0; at < ids.length; at += idsMax) {
      const some = new Set(ids.slice(at, at + idsMax))
      await settle(
        taken.filter(({ id }) => some.has(id)),
        [...some],
      )
    }
  }

  async function settle(asked: readonly Waiting[], ids: readonly string[]): Promise<void> {
    try {
      const outcomes = await endAll(ids)
      for (const { id, resolve, reject } of asked) {
        const outcome = outcomes.get(id)
        if (outcome instanceof Error || outcome === undefined) reject(outcome)
        else resolve(outcome)
      }
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }

  return {
    end(id) {
      const { promise, resolve, reject } = Promise.withResolvers<Ending>()
      waiting.push({ id, resolve, reject })
      if (!isOpen) {
        isOpen = true
        send().catch(error => {
          for (const one of waiting.splice(0)) one.reject(error)
        })
      }
      return promise
    },
  }
}
