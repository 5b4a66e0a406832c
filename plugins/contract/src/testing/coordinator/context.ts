import type { Beat, Coordinator, Work } from '../../coordinator.ts'
import type { Clock } from '../../effects.ts'
import type { Owners } from '../context.ts'
import type { CoordinatorTarget } from './target.ts'

const BEAT_MS = 1000

/** One life of a host, which beats every second unless it is told to be silent. */
export interface Life {
  readonly host: string
  readonly coordinator: Coordinator
  /** One beat more, and what it came to. */
  beat(): Promise<Beat>
  /** Beats no more: as a host that was suspended, or died. */
  silence(): Promise<void>
  /** Beats again. */
  wake(): void
}

export interface LifeOptions {
  readonly owner?: string
  /** Its clock is ahead of the true time. Unit: milliseconds. */
  readonly aheadMs?: number
  readonly machines?: number
}

/** What a case works with. Its owners are its own, so cases do not see each other. */
export interface CoordinatorContext {
  readonly target: CoordinatorTarget
  readonly clock: Clock
  readonly owner: string
  readonly silentWithinMs: number
  readonly slackMs: number
  nextOwner(): string
  /** Opens a life of a host of that name, which has beaten once when this resolves. */
  live(host: string, options?: LifeOptions): Promise<Life>
  /** Opens it without a beat: as a command that only looks. */
  look(host: string): Promise<Coordinator>
  /** Ends every life. Rejects with what a beat failed with that nobody waited for. */
  end(): Promise<void>
}

export function openCoordinatorContext(target: CoordinatorTarget, owners: Owners): CoordinatorContext {
  const { clock, silentWithinMs = 15_000, slackMs = 1000 } = target
  const owner = owners.next()
  const opened: Coordinator[] = []
  const lives: Life[] = []
  const failures: unknown[] = []
  const open = async (host: string, of: string, on: Clock) => {
    const coordinator = await target.open(of, host, on)
    opened.push(coordinator)
    return coordinator
  }
  return {
    ...{ target, clock, owner, silentWithinMs, slackMs, nextOwner: owners.next },
    look: host => open(host, owner, clock),
    async live(host, { owner: of = owner, aheadMs = 0, machines = 0 } = {}) {
      const coordinator = await open(host, of, { now: () => clock.now() + aheadMs, sleep: clock.sleep })
      const life = lifeOf(host, coordinator, machines, clock, error => failures.push(error))
      lives.push(life)
      await life.beat()
      life.wake()
      return life
    },
    async end() {
      await Promise.all(lives.map(life => life.silence()))
      await Promise.all(opened.map(coordinator => coordinator[Symbol.asyncDispose]()))
      if (failures.length > 0) throw failures[0]
    },
  }
}

function lifeOf(
  host: string,
  coordinator: Coordinator,
  machines: number,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Life {
  const beat = () => coordinator.beat({ machines })
  let stop = async () => {}
  const wake = () => {
    const ended = new AbortController()
    const beating = async () => {
      while (!ended.signal.aborted) {
        await clock.sleep(BEAT_MS, ended.signal)
        await beat()
      }
    }
    const loop = beating().catch(error => {
      if (!ended.signal.aborted) onFailure(error)
    })
    stop = async () => {
      ended.abort()
      await loop
    }
  }
  return { host, coordinator, beat, wake, silence: () => stop() }
}

/** A work of that name that acts on these subjects, or on one of its name. */
export function workOn(name: string, ...subjects: readonly string[]): Work {
  return { name, subjects: subjects.length > 0 ? subjects : [name] }
}
