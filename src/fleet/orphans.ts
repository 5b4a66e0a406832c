import type { Resource, ResourceRef } from '@agentctl/contract'
import { expiresAtOf, isSurelyNotOnline, type Timeouts } from './deadlines.ts'
import { isHeld, unseenHoldMs } from './holds.ts'
import { isRunning, lookKey, type Picture, type UnitView } from './picture.ts'
import type { EndReason } from './reasons.ts'
import type { Sighting, UnitRecord } from './records.ts'

export interface Orphan {
  readonly provider: string
  readonly ref: ResourceRef
  readonly unit?: UnitRecord
  /** An instance that may be at work. */
  readonly isRunning: boolean
  readonly reason: EndReason
  readonly why: string
}

export interface OrphanFacts {
  readonly picture: Picture
  readonly sightings: readonly Sighting[]
  readonly settleMsOf: (provider: string) => number
  /** Of a configured pool; undefined for one that was taken out of the configuration. */
  readonly timeoutsOf: (pool: string) => Timeouts | undefined
  readonly now: number
}

/**
 * What is ours and has no right to live: past its expiry; stopped or failed; or past its boot and agent deadlines and
 * surely not online. A running instance within its deadlines never is, whatever a journal or a configuration says.
 */
export function orphanInstances({ picture, timeoutsOf, now }: OrphanFacts): readonly Orphan[] {
  return picture.units.flatMap((view): Orphan[] => {
    const { unit, instance, launch, isScopeKnown } = view
    if (!instance || !isScopeKnown || instance.state === 'terminated') return []
    const found = fateOf(view, timeoutsOf(launch.pool), now)
    if (!found) return []
    const { kind, id, scope } = instance
    return [
      { provider: launch.provider, ref: { kind, id, scope }, unit, isRunning: isRunning(instance), ...found },
    ]
  })
}

function fateOf(
  view: UnitView,
  timeouts: Timeouts | undefined,
  now: number,
): Pick<Orphan, 'reason' | 'why'> | undefined {
  const { unit, instance, launch } = view
  const expiresAt = expiresAtOf(view)
  const age = (since: number) => `${Math.round((now - since) / 60_000)} min`
  if (expiresAt <= now) return { reason: 'expired', why: `it expired ${age(expiresAt)} ago` }
  if (isHeld(view, now)) return undefined
  if (instance?.state === 'stopped' || instance?.state === 'failed') {
    return { reason: unit.reason ?? 'unknown', why: `it is ${instance.state}` }
  }
  // Our own clock before the cloud's, which may be hours away.
  const since = launch.acceptedAt ?? instance?.createdAt
  // One that was asked to end, and whose end was refused, is no less an orphan.
  const isOnItsWay = unit.phase === 'booting' || unit.phase === 'terminating'
  if (!timeouts || since === undefined || !isOnItsWay || !isSurelyNotOnline(view)) return undefined
  if (now - since <= timeouts.bootMs + timeouts.agentMs + unseenHoldMs(view, timeouts)) return undefined
  return { reason: 'agent-timeout', why: `it is ${age(since)} old and its agent is not online` }
}

export interface StrayFacts {
  readonly orphans: readonly Orphan[]
  /** What was seen without its instance, this time or in a scope that could not be listed now: to be remembered. */
  readonly sightings: readonly Sighting[]
  /** Some were seen without their instance, and not yet for long enough. */
  readonly isWaiting: boolean
}

/** Auxiliary resources whose instance is absent from two complete lists, `settleMs` apart, or that are expired. */
export function orphanStrays({ picture, sightings, settleMsOf, now }: OrphanFacts): StrayFacts {
  const live = new Set(
    picture.units.flatMap(({ instance }) =>
      instance && instance.state !== 'terminated' ? [instance.id] : [],
    ),
  )
  const before = new Map(sightings.map(one => [one.key, one]))
  const alone = picture.strays.filter(({ resource }) => !live.has(resource.instanceId ?? ''))
  const seen = alone.map(({ provider, resource, askedAt }) => {
    const key = keyOf(provider, resource)
    const firstAt = before.get(key)?.firstAt ?? askedAt
    return { provider, resource, sighting: { key, firstAt, lastAt: askedAt } }
  })
  const orphans = seen
    .filter(({ provider, resource, sighting: { firstAt, lastAt } }) => {
      const isSeenTwice = lastAt > firstAt && lastAt - firstAt >= settleMsOf(provider)
      return isSeenTwice || resource.ownership.expiresAt <= now
    })
    .map(({ provider, resource }): Orphan => {
      const { kind, id, scope } = resource
      return {
        provider,
        ref: { kind, id, scope },
        isRunning: false,
        reason: 'lost',
        why: 'its instance is gone',
      }
    })
  const unseen = sightings.filter(
    one => ![...picture.knownScopes].some(scope => one.key.startsWith(`${scope}/`)),
  )
  const isWaiting = seen.length > orphans.length
  return { orphans, sightings: [...unseen, ...seen.map(one => one.sighting)], isWaiting }
}

function keyOf(provider: string, { kind, id, scope }: Resource): string {
  return `${lookKey(provider, scope)}/${kind}/${id}`
}

/** Shown by the cloud, be it on its way out, or in a scope of which nothing is known now. */
export function isStillThere(
  { provider, ref }: Pick<Orphan, 'provider' | 'ref'>,
  { units, strays, knownScopes }: Picture,
): boolean {
  if (!knownScopes.has(lookKey(provider, ref.scope))) return true
  const isShown = ({ id, kind, state }: Resource) =>
    id === ref.id && kind === ref.kind && state !== 'terminated'
  return (
    units.some(({ instance }) => instance && isShown(instance)) ||
    strays.some(({ resource }) => isShown(resource))
  )
}
