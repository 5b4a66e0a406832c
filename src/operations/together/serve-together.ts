import { type Coordinator, contractError } from '@agentctl/contract'
import type { Settings } from '../../config/types.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import type { ServeRequest } from '../capacity-serve.ts'
import type { Context } from '../context.ts'
import type { HostFacts } from '../host-facts.ts'
import { openCoordinator } from '../open-coordinator.ts'
import { gathering } from './gathering.ts'
import { openGround } from './ground.ts'
import { beHost } from './host.ts'

export interface TogetherRequest extends Omit<ServeRequest, 'nudge' | 'only'> {
  readonly onHost?: (facts: HostFacts) => Promise<void>
  readonly onCommit?: (tookMs: number) => void
}

/** By the coordinator that is configured. @throws what `openCoordinator` does; `invalid-spec` for one pool alone */
export async function serveOnCoordinator(
  context: Context,
  request: ServeRequest & TogetherRequest,
): Promise<void> {
  if (request.only !== undefined) {
    throw contractError('invalid-spec', `With a coordinator ${request.only} is served along with all pools`, {
      hint: 'Leave --pool out.',
    })
  }
  await using coordinator = await openCoordinator(context)
  await serveTogether(context, coordinator, request)
}

/** Time between two looks at whether the configuration has changed. Unit: milliseconds. */
const renewMs = 1_000

/**
 * One of any number of hosts that look after the same pools: each work is in the hands of one of them at a time. What
 * is told of ticks is of all works that this host holds, once a second.
 */
export async function serveTogether(
  first: Context,
  coordinator: Coordinator,
  request: TogetherRequest,
): Promise<void> {
  let context = first
  while (!request.wake.aborted) {
    const renewed = new AbortController()
    const over = AbortSignal.any([request.wake, renewed.signal])
    const renewal = nextContext(context, request, over)
    renewal.finally(() => renewed.abort()).catch(() => undefined)
    {
      await using ground = openGround(context, coordinator)
      const news = gathering(ground.context, coordinator, request)
      await beHost(ground, coordinator, { ...news, wake: over, ends: request.wake })
    }
    context = (await renewal) ?? context
  }
}

/** Resolves when the configuration has changed to one that can be used, or with nothing at the end. */
async function nextContext(
  { settings, effects }: Context,
  { renewed, onReload }: TogetherRequest,
  over: AbortSignal,
): Promise<Context | undefined> {
  while (!over.aborted) {
    await effects.clock.sleep(renewMs, over).catch(() => undefined)
    try {
      const next = await renewed()
      if (!next) continue
      if (!isSameInstallation(next.settings, settings)) {
        throw contractError('invalid-spec', 'The owner or the coordinator is another one now', {
          hint: 'Start this host anew.',
        })
      }
      await onReload('begins')
      await onReload('done')
      return next
    } catch (error) {
      await onReload(toContractError(error))
    }
  }
  return undefined
}

function isSameInstallation(one: Settings, other: Settings): boolean {
  return one.owner === other.owner && JSON.stringify(one.coordinator) === JSON.stringify(other.coordinator)
}
