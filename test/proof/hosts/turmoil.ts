import type { HostEvent } from './events.ts'
import { type Installation, owner } from './installation.ts'
import { type Life, startLife } from './life.ts'
import { createSeat } from './seat.ts'
import { type HostName, hostNames } from './story.ts'
import type { HostWitness } from './witness.ts'

/** Systemd waits so long before it starts again what ended with a failure. Unit: milliseconds. */
const restartMs = 5_000

type OfProcess = Exclude<HostEvent, { readonly kind: 'away' | 'clock' | 'drain' | 'reload' }>

/** The three hosts, and what befalls them. */
export interface Turmoil {
  /** Starts all hosts, and lets everything happen, each at its time. Unit: milliseconds; until the last one is over. */
  begin(): number
  /** Whatever was cut, suspended, drained or down is so no longer. */
  end(): void
  /** From now on. */
  drain(host: HostName): void
  lives(): readonly Life[]
  readonly reached: ReadonlySet<string>
  readonly wrongs: readonly string[]
  deaths(): number
}

export function createTurmoil(stage: Installation, witness: HostWitness): Turmoil {
  const { story, sim, coordinator } = stage
  const { clock } = sim
  const aheadMs: Record<HostName, number> = { ...story.aheadMs }
  const current = new Map<HostName, Life>()
  const reached = new Set<string>()
  const wrongs: string[] = []
  let deaths = 0
  const later = (ms: number, run: () => void) => void clock.schedule(clock.now() + ms, run)
  const desk = openDesk(stage)

  function start(host: HostName): void {
    if (current.has(host)) return
    const life = startLife(
      stage,
      createSeat(stage, host, () => aheadMs[host]),
      witness,
    )
    current.set(host, life)
    life.ended.then(error => {
      if (current.get(host) !== life) return
      current.delete(host)
      later(restartMs, () => start(host))
      if (error === undefined) return
      if ((error as { code?: string }).code !== 'unavailable')
        wrongs.push(`${host} failed: ${String((error as Error).stack)}`)
      reached.add('a host could not start')
    })
  }
  function die(life: Life, host: HostName, forMs: number): void {
    if (current.get(host) !== life) return
    life.seat.drop()
    deaths += 1
    current.delete(host)
    later(forMs, () => start(host))
  }
  function suspend({ seat }: Life, forMs: number): void {
    seat.suspend()
    later(forMs, () => seat.wake())
  }

  /** What befalls one process of a host. */
  function meet(life: Life, event: OfProcess): void {
    const { seat } = life
    const { kind, host, forMs } = event
    const now = {
      kill: () => die(life, host, forMs),
      suspend: () => suspend(life, forMs),
      cut() {
        seat.coordinator.cut()
        later(forMs, seat.coordinator.mend)
      },
      stop() {
        life.stop()
        later(forMs, () => start(host))
      },
    }
    if (kind !== 'kill-at' && kind !== 'suspend-at') now[kind]()
    else
      seat.at(event.point, () => {
        reached.add(`${kind} ${seat.met.at(-1)}`)
        if (kind === 'kill-at') now.kill()
        else now.suspend()
      })
  }

  function happen(event: HostEvent): void {
    if (event.kind === 'away') {
      coordinator.goAway()
      later(event.forMs, coordinator.comeBack)
    } else if (event.kind === 'clock') aheadMs[event.host] = event.aheadMs
    else if (event.kind === 'reload') current.get(event.host)?.reload()
    else if (event.kind === 'drain') {
      desk.drain(event.host, true)
      later(event.forMs, () => desk.drain(event.host, false))
    } else {
      const life = current.get(event.host)
      if (life) meet(life, event)
    }
  }

  return {
    reached,
    wrongs,
    deaths: () => deaths,
    drain: host => desk.drain(host, true),
    lives: () => [...current.values()],
    begin() {
      for (const host of hostNames) start(host)
      for (const event of story.events) later(event.atMs, () => happen(event))
      return Math.max(0, ...story.events.map(one => one.atMs + ('forMs' in one ? one.forMs : 0)))
    },
    end() {
      coordinator.comeBack()
      for (const { seat } of current.values()) {
        seat.calm()
        seat.coordinator.mend()
      }
      for (const host of hostNames) {
        desk.drain(host, false)
        start(host)
      }
    },
  }
}

/** A person who tells hosts to drain, until it is heard. */
function openDesk({ coordinator, sim, logOf }: Installation) {
  const { clock, cloud } = sim
  const seat = coordinator.host()
  const deps = { owner, address: 'sim:', host: 'desk', version: '1.0.0' }
  const wanted = new Map<string, boolean>()
  const drain = async (host: string, isDraining: boolean) => {
    wanted.set(host, isDraining)
    while (wanted.get(host) === isDraining) {
      try {
        const life = await seat.module.open({ ...deps, clock, random: cloud.dice, log: logOf('desk') })
        await life.drain(host, isDraining)
        return
      } catch {
        await clock.sleep(1_000)
      }
    }
  }
  return { drain: (host: string, isDraining: boolean) => void drain(host, isDraining) }
}
