import type { Installation } from './installation.ts'
import { type Life, startLife } from './life.ts'
import { createSeat } from './seat.ts'
import type { HostName } from './story.ts'
import type { HostWitness } from './witness.ts'

/** Systemd waits so long before it starts again what has ended. Unit: milliseconds. */
const restartMs = 5_000

/** The three hosts, each up or down. */
export interface Fleet {
  /** How far each host's clock is ahead. Unit: milliseconds. */
  readonly aheadMs: Record<HostName, number>
  life(host: HostName): Life | undefined
  lives(): readonly Life[]
  start(host: HostName): void
  /** As SIGKILL does; it is started again after so long. */
  kill(life: Life, host: HostName, downMs: number): void
  suspend(life: Life, forMs: number): void
  deaths(): number
  /** What a host ended with that it may not. */
  readonly wrongs: readonly string[]
  readonly reached: Set<string>
}

export function createFleet(stage: Installation, witness: HostWitness): Fleet {
  const { clock } = stage.sim
  const aheadMs: Record<HostName, number> = { ...stage.story.aheadMs }
  const current = new Map<HostName, Life>()
  const reached = new Set<string>()
  const wrongs: string[] = []
  let deaths = 0
  const later = (ms: number, run: () => void) => void clock.schedule(clock.now() + ms, run)

  function start(host: HostName): void {
    if (current.has(host)) return
    const seat = createSeat(stage, host, () => aheadMs[host])
    const life = startLife(stage, seat, witness)
    current.set(host, life)
    life.ended.then(error => {
      if (current.get(host) !== life) return
      current.delete(host)
      later(restartMs, () => start(host))
      if (error === undefined) return
      const { code, stack } = error as Error & { readonly code?: string }
      if (code !== 'unavailable') wrongs.push(`${host} failed: ${stack}`)
      reached.add('a host could not start')
    })
  }

  return {
    aheadMs,
    reached,
    wrongs,
    start,
    deaths: () => deaths,
    life: host => current.get(host),
    lives: () => [...current.values()],
    kill(life, host, downMs) {
      if (current.get(host) !== life) return
      life.seat.drop()
      deaths += 1
      current.delete(host)
      later(downMs, () => start(host))
    },
    suspend({ seat }, forMs) {
      seat.suspend()
      later(forMs, () => seat.wake())
    },
  }
}
