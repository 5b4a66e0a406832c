import type { Beat, Coordinator, HostSeen } from '@agentctl/contract'
import { sweepWork } from '../../coordination/works.ts'
import { isAlive } from '../../fleet/picture.ts'
import type { CapacityTick } from '../capacity.ts'
import type { Context } from '../context.ts'
import type { HostFacts } from '../host-facts.ts'
import { hostNameOf } from '../open-coordinator.ts'
import type { Swept } from '../sweep-if-due.ts'
import type { HostNews } from './host.ts'
import { mergedTick } from './merged.ts'
import type { TogetherRequest } from './serve-together.ts'

/** The other hosts are looked up so often. Unit: milliseconds. */
const listMs = 10_000

/** Gathers what the works say, and tells it once a beat. */
export function gathering(
  { settings, effects }: Context,
  coordinator: Coordinator,
  request: TogetherRequest,
): HostNews {
  const { clock } = effects
  const last = new Map<string, CapacityTick>()
  const lookedAt = new Map<string, number>()
  let since: CapacityTick[] = []
  let swept: Swept[] = []
  let tookMs = 0
  let lostCount = 0
  let hosts: readonly HostSeen[] | undefined
  let listedAt = Number.NEGATIVE_INFINITY

  /** A look that is not over yet counts from when the work was taken up. */
  function factsOf(beat: Beat | Error, held: readonly string[]): HostFacts {
    const now = clock.now()
    const looks = held.filter(work => work !== sweepWork.name).map(work => lookedAt.get(work) ?? now)
    for (const work of held) if (!lookedAt.has(work)) lookedAt.set(work, now)
    return {
      ...{ host: hostNameOf(effects), now, beat, held, lostCount },
      ...(hosts && { hosts }),
      ...(looks.length > 0 && { lookedAt: Math.min(...looks) }),
    }
  }

  async function list(): Promise<void> {
    if (clock.now() - listedAt < listMs) return
    listedAt = clock.now()
    hosts = await coordinator.hosts().catch(() => undefined)
  }

  return {
    onTrouble: request.onTrouble,
    onCommit: took => request.onCommit?.(took),
    onSwept: one => void swept.push(one),
    async onTick(work, tick, took) {
      last.set(work, tick)
      lookedAt.set(work, clock.now())
      since.push(tick)
      tookMs = Math.max(tookMs, took)
    },
    onLeft(work, isLost) {
      last.delete(work)
      lookedAt.delete(work)
      if (isLost) lostCount += 1
    },
    machines: () =>
      [...last.values()].reduce((sum, tick) => sum + tick.picture.units.filter(isAlive).length, 0),
    async onBeat(beat, held) {
      if (!(beat instanceof Error)) await list()
      await request.onHost?.(factsOf(beat, held))
      if (since.length === 0 && swept.length === 0) return
      const tick = mergedTick({ last, since, swept, owner: settings.owner, now: clock.now() })
      const took = tookMs
      since = []
      swept = []
      tookMs = 0
      await request.onTick(tick, took)
    },
  }
}
