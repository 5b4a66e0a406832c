import { type Clock, type ContractError, isContractError } from '@agentctl/contract'
import { toContractError } from '../errors/to-contract-error.ts'
import { type Capacity, type CapacityTick, openCapacity } from './capacity.ts'
import type { Context } from './context.ts'
import { paceOf } from './pace.ts'

/** What specs, secrets and images stand for is read again so often, and sooner where it could not be read. Unit: milliseconds. */
const renewMs = { usual: 15 * 60_000, broken: 60_000 } as const
/** After what only a person can mend, or a tick that could not be: no need for hurry. Unit: milliseconds. */
const troubledMs = 30_000
/** Longest wait for another command's tick. Unit: milliseconds. */
const lockWaitMs = 60_000

export interface ServeRequest {
  readonly only: string | undefined
  /** Aborted when it is to end: the tick under way is the last one. */
  readonly wake: AbortSignal
  /** The configuration, when it has changed since it was asked for last. @throws what is wrong with it */
  readonly renewed: () => Promise<Context | undefined>
  /** Cuts the pause between two ticks short. */
  readonly nudge: () => AbortSignal
  readonly onTick: (tick: CapacityTick, tookMs: number) => Promise<void>
  /** A tick that could not be. */
  readonly onTrouble: (error: ContractError) => void
  readonly onReload: (outcome: 'begins' | 'done' | ContractError) => Promise<void>
}

/** Ticks until it is told to end. What runs then goes on: the next controller finds it by its tags. */
export async function capacityServe(first: Context, request: ServeRequest): Promise<void> {
  const { only, wake, nudge } = request
  const { clock } = first.effects
  let context = first
  let capacity = await openCapacity(context, { only, wake })
  let openedAt = clock.now()
  try {
    while (!wake.aborted) {
      const next = await reloaded(request)
      if (next ?? isStale(capacity, clock.now() - openedAt)) {
        const fresh = await reopened(next ?? context, request, next !== undefined)
        openedAt = clock.now()
        if (fresh) {
          await capacity[Symbol.asyncDispose]()
          capacity = fresh
          context = next ?? context
        }
      }
      const pauseMs = await oneTick(capacity, clock, request)
      const pause = AbortSignal.any([wake, nudge(), first.signal])
      await clock.sleep(pauseMs, pause).catch(() => undefined)
      first.signal.throwIfAborted()
    }
  } finally {
    await capacity[Symbol.asyncDispose]()
  }
}

async function reloaded({ renewed, onReload }: ServeRequest): Promise<Context | undefined> {
  try {
    return await renewed()
  } catch (error) {
    await onReload(toContractError(error))
    return undefined
  }
}

function isStale({ isBroken }: Capacity, ageMs: number): boolean {
  return ageMs > (isBroken() ? renewMs.broken : renewMs.usual)
}

/** The same pools read anew; undefined when that does not succeed, and the old ones go on. */
async function reopened(
  context: Context,
  { only, wake, onReload }: ServeRequest,
  isTold: boolean,
): Promise<Capacity | undefined> {
  if (isTold) await onReload('begins')
  try {
    const fresh = await openCapacity(context, { only, wake })
    if (isTold) await onReload('done')
    return fresh
  } catch (error) {
    await onReload(toContractError(error))
    return undefined
  }
}

async function oneTick(
  capacity: Capacity,
  clock: Clock,
  { onTick, onTrouble }: ServeRequest,
): Promise<number> {
  try {
    const startedAt = clock.now()
    const tick = await capacity.tick(lockWaitMs)
    await onTick(tick, clock.now() - startedAt)
    return tick.fatal ? troubledMs : paceOf(tick)
  } catch (error) {
    if (!isContractError(error)) throw error
    onTrouble(error)
    return troubledMs
  }
}
