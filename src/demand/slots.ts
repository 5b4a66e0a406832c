import type { Want } from '../fleet/actions.ts'
import { isAlive, type UnitView } from '../fleet/picture.ts'
import type { Slot } from '../fleet/records.ts'

export interface Slots {
  readonly wants: readonly Want[]
  /** Those that are new, or count on: to be remembered before anything is launched for them. */
  readonly changed: readonly Slot[]
}

/** More machines of one kind. */
export interface More extends Pick<Want, 'pool' | 'purpose'> {
  readonly count: number
}

/**
 * A name for each machine without a job: the lowest free number, and how often it was filled. Two controllers that see
 * the same facts name the same, and one that died between name and launch uses the name again.
 */
export function slotWants(
  agentType: string,
  more: readonly More[],
  known: readonly Slot[],
  views: readonly UnitView[],
): Slots {
  const slots = new Map(known.map(slot => [slot.number, slot]))
  const byKey = Map.groupBy(views, view => view.unit.want)
  const isTaken = (slot: Slot) => byKey.get(slotKey(slot))?.some(isAlive) ?? false
  const changed: Slot[] = []
  let number = 0
  const next = (): Slot => {
    for (; ; number++) {
      const slot = slots.get(number)
      if (slot && isTaken(slot)) continue
      const isUsed = slot !== undefined && byKey.has(slotKey(slot))
      const fresh = { agentType, number, epoch: (slot?.epoch ?? 1) + (isUsed ? 1 : 0) }
      if (fresh.epoch !== slot?.epoch) changed.push(fresh)
      number++
      return fresh
    }
  }
  const wants = more.flatMap(({ count, pool, purpose }) =>
    Array.from({ length: count }, (): Want => {
      const key = slotKey(next())
      return { key, agentType, ...(pool !== undefined && { pool }), ...(purpose && { purpose }) }
    }),
  )
  return { wants, changed }
}

export function slotKey({ agentType, number, epoch }: Slot): string {
  return `slot:${agentType}:${number}:${epoch}`
}
