import { type Beat, type Coordinator, contractError } from '@agentctl/contract'
import type { Settings } from '../../config/types.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import { isAlive } from '../../fleet/picture.ts'
import type { CapacityTick } from '../capacity.ts'
import type { ServeRequest } from '../capacity-serve.ts'
import type { Context } from '../context.ts'
import { openCoordinator } from '../open-coordinator.ts'
import type { Swept } from '../sweep-if-due.ts'
import { openGround } from './ground.ts'
import { beHost, type HostNews } from './host.ts'
import { mergedTick } from './merged.ts'

/** How the host stands with the others, after each beat. */
export interface HostFacts {
  /** What the coordinator answered, or what it failed of. */
  readonly beat: Beat | Error
  readonly held: readonly string[]
  /** Works that another host may have taken since the start. */
  readonly lostCount: number
}

export interface TogetherRequest extends Omit<ServeRequest, 'nudge' | 'only'> {
  readonly onHost?: (facts: HostFacts) => void
  readonly onCommit?: (tookMs: number) => void
}

/** By the coordinator that is configured. @throws what `openCoordinator` does; `invalid-spec` for one pool alone */
export async function serveOnCoordinator(context: Context, request: ServeRequest): Promise<void> {
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
      await beHost(ground, coordinator, { ...gathering(context, request), wake: over })
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

/** Gathers what the works say, and tells it once a beat. */
function gathering({ settings, effects }: Context, request: TogetherRequest): HostNews {
  const last = new Map<string, CapacityTick>()
  let since: CapacityTick[] = []
  let swept: Swept[] = []
  let tookMs = 0
  let lostCount = 0
  return {
    onTrouble: request.onTrouble,
    onCommit: took => request.onCommit?.(took),
    onSwept: one => void swept.push(one),
    async onTick(work, tick, took) {
      last.set(work, tick)
      since.push(tick)
      tookMs = Math.max(tookMs, took)
    },
    onLeft(work, isLost) {
      last.delete(work)
      if (isLost) lostCount += 1
    },
    machines: () =>
      [...last.values()].reduce((sum, tick) => sum + tick.picture.units.filter(isAlive).length, 0),
    async onBeat(beat, held) {
      request.onHost?.({ beat, held, lostCount })
      if (beat instanceof Error) return
      const tick = mergedTick({ last, since, swept, owner: settings.owner, now: effects.clock.now() })
      const took = tookMs
      since = []
      swept = []
      tookMs = 0
      await request.onTick(tick, took)
    },
  }
}
