import type { Beat, Coordinator } from '@agentctl/contract'
import { toContractError } from '../../errors/to-contract-error.ts'
import { isAlive } from '../../fleet/picture.ts'
import type { CapacityTick } from '../capacity.ts'
import type { ServeRequest } from '../capacity-serve.ts'
import type { Context } from '../context.ts'
import type { Swept } from '../sweep-if-due.ts'
import { openGround } from './ground.ts'
import { beHost } from './host.ts'
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
  readonly onHost: (facts: HostFacts) => void
  readonly onCommit: (tookMs: number) => void
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
  let context: Context | undefined = first
  while (context) context = await until(context, coordinator, request)
}

/** Serves by one configuration; resolves with the next one, or with nothing at the end. */
async function until(
  context: Context,
  coordinator: Coordinator,
  request: TogetherRequest,
): Promise<Context | undefined> {
  const { clock } = context.effects
  const { wake } = request
  const renewed = new AbortController()
  const over = AbortSignal.any([wake, renewed.signal])
  let next: Context | undefined
  await using ground = openGround(context, coordinator)
  const watching = watch()
  try {
    await beHost(ground, coordinator, { ...told(context, request), wake: over })
  } finally {
    renewed.abort()
    await watching
  }
  return wake.aborted ? undefined : next

  async function watch(): Promise<void> {
    while (!over.aborted) {
      await clock.sleep(renewMs, over).catch(() => undefined)
      next = await request.renewed().catch(async error => {
        await request.onReload(toContractError(error))
        return undefined
      })
      if (!next) continue
      await request.onReload('done')
      renewed.abort()
    }
  }
}

/** Gathers what the works say, and tells it once a beat. */
function told(
  { settings, effects }: Context,
  request: TogetherRequest,
): Omit<Parameters<typeof beHost>[2], 'wake'> {
  const last = new Map<string, CapacityTick>()
  let since: CapacityTick[] = []
  let swept: Swept[] = []
  let tookMs = 0
  let lostCount = 0
  return {
    onTrouble: request.onTrouble,
    onCommit: request.onCommit,
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
    onBeat(beat, held) {
      request.onHost({ beat, held, lostCount })
      if (beat instanceof Error) return
      const tick = mergedTick({ last, since, swept, owner: settings.owner, now: effects.clock.now() })
      const took = tookMs
      since = []
      swept = []
      tookMs = 0
      void request.onTick(tick, took)
    },
  }
}
