import { openDraft } from '../journal/draft.ts'
import { type CapacityTick, openCapacity } from './capacity.ts'
import type { Context } from './context.ts'
import { sharedDraft } from './shared-records.ts'

/**
 * What the next tick would do; with a coordinator, that of a host which took all works up now. It reads the hub and the
 * clouds, and writes nothing anywhere, the journal included.
 */
export async function capacityPlan(
  context: Context,
  { only }: { readonly only: string | undefined },
): Promise<CapacityTick> {
  const openJournal = context.settings.coordinator ? await sharedDraft(context) : openDraft
  const effects = { ...context.effects, openJournal }
  const wake = new AbortController().signal
  await using capacity = await openCapacity({ ...context, effects }, { only, wake })
  return await capacity.preview()
}
