import type { HostSeen, Work } from '@agentctl/contract'
import type { Hold, LifeState, Offered, OwnerState } from './state.ts'

const FORGOTTEN_MS = 600_000
const DAY_MS = 86_400_000

/** The coordinator's time, and how long a host may be silent. */
export interface Moment {
  readonly now: number
  readonly silentMs: number
}

export function isAlive({ seenAt }: LifeState, { now, silentMs }: Moment): boolean {
  return seenAt !== undefined && now - seenAt < silentMs
}

export function offer({ works }: OwnerState, offered: readonly Work[], now: number): void {
  for (const work of offered) {
    const { notBefore = 0 } = works.get(work.name) ?? {}
    works.set(work.name, { work, namedAt: now, notBefore })
  }
}

export function offeredIn({ works, holds }: OwnerState, now: number): readonly Offered[] {
  return [...works.values()].filter(
    ({ work, namedAt }) => now - namedAt < FORGOTTEN_MS || holds.has(work.name),
  )
}

/** What could be given now, each with the holds of silent hosts that would end by it. */
export function free(
  owner: OwnerState,
  moment: Moment,
): readonly { readonly work: Work; readonly ending: readonly Hold[] }[] {
  return offeredIn(owner, moment.now).flatMap(({ work, notBefore }) => {
    const inTheWay = [...owner.holds.values()].filter(hold => isShared(hold.work, work))
    const isHeld = inTheWay.some(({ life }) => {
      const holder = owner.lives.get(life)
      return holder !== undefined && isAlive(holder, moment)
    })
    return isHeld || notBefore > moment.now ? [] : [{ work, ending: inTheWay }]
  })
}

function isShared(one: Work, other: Work): boolean {
  return one.name === other.name || one.subjects.some(subject => other.subjects.includes(subject))
}

export function takersOf({ lives, drained }: OwnerState, moment: Moment): number {
  return [...lives.values()].filter(life => isAlive(life, moment) && !drained.has(life.host)).length
}

/** What this work may have of `max`; it is remembered. */
export function grant({ grants }: OwnerState, name: string, wanted: number, max: number): number {
  const others = [...grants].reduce((sum, [of, granted]) => (of === name ? sum : sum + granted), 0)
  const granted = Math.max(0, Math.min(wanted, max - others))
  grants.set(name, granted)
  return granted
}

export function seenHosts({ lives, drained, holds }: OwnerState, moment: Moment): readonly HostSeen[] {
  return [...lives.values()].flatMap(life => {
    const { id, host, version, startedAt, seenAt, machines, aheadMs } = life
    if (seenAt === undefined || moment.now - seenAt > DAY_MS) return []
    const works = [...holds.values()].filter(hold => hold.life === id).map(hold => hold.work)
    const isDraining = drained.has(host)
    return [
      {
        host,
        version,
        startedAt,
        seenAt,
        isAlive: isAlive(life, moment),
        isDraining,
        works,
        machines,
        aheadMs,
      },
    ]
  })
}
