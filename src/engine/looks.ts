import type { Resource, ResourceKind } from '@agentctl/contract'
import type { ScopeLook } from '../fleet/picture.ts'

export interface Wanted {
  /** Provider and scope. */
  readonly key: string
  readonly kinds: readonly ResourceKind[]
  /** Lists of one scope are at least so far apart. Unit: milliseconds. */
  readonly everyMs: number
  readonly now: number
}

/**
 * What was last seen of each scope, for clouds in which each list costs. A look that counts a little longer is a list
 * that lags a little more: it keeps the time at which it was asked for, and everything that rests on it goes by that.
 */
export interface Looks {
  /** The last look while it is new enough and has all these kinds, a failed one too; else a new one. */
  at(wanted: Wanted, ask: () => Promise<ScopeLook>): Promise<ScopeLook>
}

export function openLooks(): Looks {
  const last = new Map<string, { readonly kinds: readonly ResourceKind[]; readonly look: ScopeLook }>()
  return {
    async at({ key, kinds, everyMs, now }, ask) {
      const before = last.get(key)
      const hasAll = before !== undefined && kinds.every(kind => before.kinds.includes(kind))
      const ageMs = now - (before?.look.askedAt ?? 0)
      // A look of the time to come was made before the clock was set back.
      if (hasAll && ageMs >= 0 && ageMs < everyMs) return narrowed(before.look, kinds)
      const look = await ask()
      last.set(key, { kinds, look })
      return look
    },
  }
}

/** Who asks for what is just being listed waits for that list. */
export function coalesced(looks: Looks, everyMs: number): Looks {
  const running = new Map<string, Promise<ScopeLook>>()
  return {
    at(wanted, ask) {
      const key = JSON.stringify([wanted.key, wanted.kinds])
      const known = running.get(key)
      if (known) return known
      const look = looks
        .at({ ...wanted, everyMs: Math.max(wanted.everyMs, everyMs) }, ask)
        .finally(() => running.delete(key))
      running.set(key, look)
      return look
    },
  }
}

/** The same looks, without what somebody else looks after. */
export function lookingPast(looks: Looks, isOurs: (resource: Resource) => boolean): Looks {
  return {
    async at(wanted, ask) {
      const look = await looks.at(wanted, ask)
      const { resources } = look
      if (resources.state === 'unknown') return look
      return { ...look, resources: { ...resources, value: resources.value.filter(isOurs) } }
    },
  }
}

function narrowed(look: ScopeLook, kinds: readonly ResourceKind[]): ScopeLook {
  const { resources } = look
  if (resources.state === 'unknown') return look
  return {
    ...look,
    resources: { ...resources, value: resources.value.filter(one => kinds.includes(one.kind)) },
  }
}
