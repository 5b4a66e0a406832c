import { openDraft } from '../journal/draft.ts'
import { type CapacityTick, openCapacity } from './capacity.ts'
import type { Context } from './context.ts'
import { refuseBesideCoordinator } from './one-controller.ts'

/** What the next tick would do. It reads the hub and the clouds, and writes nothing anywhere, the journal included. */
export async function capacityPlan(
  context: Context,
  { only }: { readonly only: string | undefined },
): Promise<CapacityTick> {
  refuseBesideCoordinator(context, 'capacity plan')
  const effects = { ...context.effects, openJournal: openDraft }
  const wake = new AbortController().signal
  await using capacity = await openCapacity({ ...context, effects }, { only, wake })
  return await capacity.preview()
}
