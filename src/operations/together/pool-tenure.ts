import type { Tenure } from '@agentctl/contract'
import type { Settings } from '../../config/types.ts'
import { openMirror } from '../../coordination/mirror.ts'
import { ownPart } from '../../coordination/own-part.ts'
import type { PoolWork } from '../../coordination/works.ts'
import { messageOf } from '../../errors/message.ts'
import { capacityServe, type ServeRequest } from '../capacity-serve.ts'
import type { Ground } from './ground.ts'

/** Closed records leave the memory of the host so often; they can be recalled. Unit: milliseconds. */
const trimMs = 10 * 60_000
/** Closed records that are too old leave the coordinator so often. Unit: milliseconds. */
const forgetMs = 60 * 60_000

export interface TenureRequest extends Pick<ServeRequest, 'onTick' | 'onTrouble'> {
  /** Aborted when the work is to be given back: the tick under way is the last one. */
  readonly wake: AbortSignal
  /** It can change nothing any more, with the reason. */
  readonly onLost: (why: string) => void
  readonly onCommit: (tookMs: number) => void
}

/** Looks after the pools of a work for as long as this host holds it. */
export async function servePools(
  ground: Ground,
  tenure: Tenure,
  work: PoolWork,
  request: TenureRequest,
): Promise<void> {
  const { settings, effects, log } = ground.context
  const { now } = effects.clock
  const lost = new AbortController()
  const over = AbortSignal.any([request.wake, lost.signal])
  using mirror = await openMirror(tenure, {
    now,
    onCommit: request.onCommit,
    isTrusted: ground.trust(),
    onEnd(why) {
      lost.abort()
      request.onLost(why)
    },
  })
  const pools = new Set(work.pools)
  const context = ground.contextFor({
    mirror,
    settings: settingsOf(settings, work),
    isOurs: ({ ownership }) => pools.has(ownership.pool),
    maxAlive: ownPart(tenure, { max: settings.maxMachines, now }),
  })
  let trimmedAt = now()
  let forgotAt = 0
  await capacityServe(context, {
    only: undefined,
    wake: over,
    renewed: async () => undefined,
    nudge: () => over,
    onReload: async () => undefined,
    onTrouble: request.onTrouble,
    async onTick(tick, tookMs) {
      await request.onTick(tick, tookMs)
      if (now() - trimmedAt > trimMs) {
        mirror.trim(now() - trimMs)
        trimmedAt = now()
      }
      if (now() - forgotAt > forgetMs) {
        forgotAt = now()
        await tenure
          .forget(now() - settings.history.keepMs)
          .catch(error => log.warn('Old records stay', { work: work.name, why: messageOf(error) }))
      }
    },
  })
}

function settingsOf(settings: Settings, { pools, agentTypes }: PoolWork): Settings {
  const only = <T>(all: Readonly<Record<string, T>>, names: readonly string[]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
  // Nobody else launches into a pool whose work is held here, whatever its configuration allows for other hosts.
  const alone = Object.entries(only(settings.pools, pools)).map(([name, pool]) => [
    name,
    { ...pool, shared: false },
  ])
  return {
    ...settings,
    pools: Object.fromEntries(alone),
    agentTypes: only(settings.agentTypes, agentTypes),
  }
}
