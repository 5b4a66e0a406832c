import type { Capabilities } from '@agentctl/contract'
import type { CapabilitiesOf } from './observe.ts'
import type { Facts, ScopeLook } from './picture.ts'
import { lateEffectMs } from './policy.ts'
import type { Acquaintance, Memory } from './records.ts'

/** What this tick's lists add to what the journal knows of its scopes; only what is new. */
export function acquaint(
  { looks }: Pick<Facts, 'looks'>,
  { acquaintances }: Memory,
  capabilitiesOf: CapabilitiesOf,
): readonly Acquaintance[] {
  const before = new Map(acquaintances.map(one => [one.scope, one]))
  return looks.flatMap((look): Acquaintance[] => {
    if (look.resources.state === 'unknown') return []
    const known = before.get(`${look.provider}/${look.scope}`)
    if (known?.since !== undefined) return []
    const next = metAgain(look, known, capabilitiesOf(look.provider))
    return next === known ? [] : [next]
  })
}

function metAgain(
  { provider, scope, askedAt, resources }: ScopeLook,
  known: Acquaintance | undefined,
  capabilities: Capabilities | undefined,
): Acquaintance {
  const firstAt = known?.firstAt ?? askedAt
  const isSeen = resources.state === 'known' && resources.value.length > 0
  const hadMachines = known?.hadMachines === true || isSeen
  // A list that does not lag says at once all that there is.
  const isEnough = capabilities?.listing === 'strong' || isSecond(firstAt, askedAt, capabilities)
  const next = { scope: `${provider}/${scope}`, firstAt, hadMachines, ...(isEnough && { since: askedAt }) }
  return known && !isEnough && known.hadMachines === hadMachines ? known : next
}

function isSecond(firstAt: number, askedAt: number, capabilities: Capabilities | undefined): boolean {
  return askedAt > firstAt && askedAt - firstAt >= (capabilities?.settleMs ?? 0)
}

/** Launches may go there: what is there has been seen. */
export function isAcquainted({ acquaintances }: Memory, scope: string): boolean {
  return acquaintances.some(one => one.scope === scope && one.since !== undefined)
}

/**
 * An earlier journal was lost while machines ran. Until no call of its time can take effect any more, each unit is a
 * launch of its own, whose id depends on nothing but its job: what the other one launched is then met, not doubled.
 */
export function isForgetful({ acquaintances }: Memory, scope: string, now: number): boolean {
  return acquaintances.some(
    one => one.scope === scope && one.hadMachines && now - (one.since ?? now) <= lateEffectMs,
  )
}
