import type { LaunchRequest } from '@agentctl/contract'
import type { HostFacts } from '../../../src/operations/host-facts.ts'
import { type Installation, owner } from './installation.ts'
import type { Seat } from './seat.ts'

/** Sees what hosts do, as it happens. */
export interface HostWitness {
  readonly seen: ReadonlySet<string>
  readonly wrongs: ReadonlySet<string>
  /** Right before the call leaves. */
  launching(seat: Seat, request: LaunchRequest): void
  terminating(): void
  beat(seat: Seat, facts: HostFacts): void
  /** As of its last beat. */
  heldBy(host: string): readonly string[]
}

export function createHostWitness({ coordinator }: Pick<Installation, 'coordinator'>): HostWitness {
  const seen = new Set<string>()
  const wrongs = new Set<string>()
  const launchedBy = new Map<string, Seat>()
  const holdings = new Map<string, readonly string[]>()
  const sent = { launch: 0, terminate: 0 }

  /** Each call has a token of the bucket that all hosts share. */
  const count = (kind: keyof typeof sent) => {
    sent[kind] += 1
    const tokens = [...coordinator.happened]
      .filter(([name]) => name.startsWith('token ') && name.endsWith(`/${kind}`))
      .reduce((sum, [, taken]) => sum + taken, 0)
    if (sent[kind] > tokens) wrongs.add(`a ${kind} was sent without a token of the shared rate`)
  }
  return {
    seen,
    wrongs,
    launching(seat, { launchId }) {
      count('launch')
      const isKnown = coordinator
        .records(owner)
        .some(record => record.kind === 'launch' && record.launchId === launchId)
      if (!isKnown) wrongs.add(`the launch ${launchId} was sent before it was written down`)
      const before = launchedBy.get(launchId)
      if (before && before !== seat) seen.add('a launch id was repeated by another host')
      launchedBy.set(launchId, seat)
    },
    terminating() {
      count('terminate')
    },
    heldBy: host => holdings.get(host) ?? [],
    beat({ host }, { beat, held, lostCount }) {
      holdings.set(host, held)
      if (beat instanceof Error) {
        seen.add('a beat failed')
        return
      }
      if (beat.lost.length > 0) seen.add('a host heard what it had lost')
      if (lostCount > 0) seen.add('a host lost a work')
      if (beat.isDraining && held.length === 0) seen.add('a host drained')
      if (Math.abs(beat.aheadMs) > 60_000 && held.length > 0) seen.add('a clock minutes wrong')
      if (held.length > 1) seen.add('a host held several works')
    },
  }
}
