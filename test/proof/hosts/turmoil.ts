import { openDesk } from './desk.ts'
import type { HostEvent } from './events.ts'
import { createFleet, type Fleet } from './fleet.ts'
import type { Installation } from './installation.ts'
import type { Life } from './life.ts'
import { type HostName, hostNames } from './story.ts'
import type { HostWitness } from './witness.ts'

type OfProcess = Exclude<HostEvent, { readonly kind: 'away' | 'clock' | 'drain' | 'reload' }>

/** What befalls the three hosts and their coordinator. */
export interface Turmoil extends Pick<Fleet, 'lives' | 'deaths' | 'reached' | 'wrongs'> {
  /** Starts all hosts, and lets everything happen, each at its time. Unit: milliseconds; until the last one is over. */
  begin(): number
  /** Whatever was cut, suspended, drained or down is so no longer. */
  end(): void
  /** From now on. */
  drain(host: HostName): void
}

export function createTurmoil(stage: Installation, witness: HostWitness): Turmoil {
  const { story, sim, coordinator } = stage
  const { clock } = sim
  const fleet = createFleet(stage, witness)
  const desk = openDesk(stage)
  const later = (ms: number, run: () => void) => void clock.schedule(clock.now() + ms, run)

  function meet(life: Life, event: OfProcess): void {
    const { seat } = life
    const { kind, host, forMs } = event
    const now = {
      kill: () => fleet.kill(life, host, forMs),
      suspend: () => fleet.suspend(life, forMs),
      cut() {
        seat.coordinator.cut()
        later(forMs, seat.coordinator.mend)
      },
      stop() {
        life.stop()
        later(forMs, () => fleet.start(host))
      },
    }
    if (kind !== 'kill-at' && kind !== 'suspend-at') now[kind]()
    else
      seat.at(event.point, () => {
        fleet.reached.add(`${kind} ${seat.met.at(-1)}`)
        if (kind === 'kill-at') now.kill()
        else now.suspend()
      })
  }

  function happen(event: HostEvent): void {
    if (event.kind === 'away') {
      coordinator.goAway()
      later(event.forMs, coordinator.comeBack)
    } else if (event.kind === 'clock') fleet.aheadMs[event.host] = event.aheadMs
    else if (event.kind === 'reload') fleet.life(event.host)?.reload()
    else if (event.kind === 'drain') {
      desk.drain(event.host, true)
      later(event.forMs, () => desk.drain(event.host, false))
    } else {
      const life = fleet.life(event.host)
      if (life) meet(life, event)
    }
  }

  return {
    ...fleet,
    drain: host => desk.drain(host, true),
    begin() {
      for (const host of hostNames) fleet.start(host)
      for (const event of story.events) later(event.atMs, () => happen(event))
      return Math.max(0, ...story.events.map(one => one.atMs + ('forMs' in one ? one.forMs : 0)))
    },
    end() {
      coordinator.comeBack()
      for (const { seat } of fleet.lives()) {
        seat.calm()
        seat.coordinator.mend()
      }
      for (const host of hostNames) {
        desk.drain(host, false)
        fleet.start(host)
      }
    },
  }
}
