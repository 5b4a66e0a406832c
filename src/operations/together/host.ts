import { type Beat, type Coordinator, isContractError, type Tenure } from '@agentctl/contract'
import { sweepWork, worksOf } from '../../coordination/works.ts'
import { messageOf } from '../../errors/message.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import type { Context } from '../context.ts'
import type { Ground } from './ground.ts'
import { shareOf, toGiveBack } from './holdings.ts'
import { servePools, type TenureRequest } from './pool-tenure.ts'
import { type SweepRequest, serveSweeps } from './sweep-tenure.ts'

/** Times between two beats, and between two offers. Unit: milliseconds. */
const beatMs = 1_000
const offerMs = 5_000
/** Works taken up after one beat: each is read and looked at first. */
const takesMax = 20
/** A work that failed here, or that this host's configuration does not have, is left to others for so long. */
const failedMs = 30_000
const strangeMs = 5_000

export interface HostNews extends Omit<TenureRequest, 'wake' | 'onLost' | 'onTick'> {
  readonly onTick: (work: string, ...told: Parameters<TenureRequest['onTick']>) => Promise<void>
  readonly onSwept: SweepRequest['onSwept']
  /** After each beat, or what it failed of. */
  readonly onBeat: (beat: Beat | Error, held: readonly string[]) => void
  /** A work that was this host's is so no more. */
  readonly onLeft: (work: string, isLost: boolean) => void
  /** Machines in what was seen last. */
  readonly machines: () => number
}

interface Held {
  readonly tenure: Tenure
  readonly since: number
  readonly leave: AbortController
  isLost: boolean
  done: Promise<void>
}

/** Takes its share of the works until `wake`, and gives all of them back then. */
export async function beHost(
  ground: Ground,
  coordinator: Coordinator,
  { wake, ...news }: HostNews & { readonly wake: AbortSignal },
): Promise<void> {
  const { settings, log, signal, effects } = ground.context
  const { clock } = effects
  const works = new Map(worksOf(settings).map(work => [work.name, work]))
  const held = new Map<string, Held>()
  let offeredAt = Number.NEGATIVE_INFINITY

  async function serve(one: Held): Promise<void> {
    const { tenure, leave } = one
    const { name } = tenure.work
    const request = {
      wake: leave.signal,
      onTrouble: news.onTrouble,
      onCommit: news.onCommit,
      onLost(why: string) {
        one.isLost = true
        log.warn('A work is no more this host’s', { work: name, why })
      },
    }
    let afterMs = 0
    try {
      const work = works.get(name)
      if (name === sweepWork.name) await serveSweeps(ground, tenure, { ...request, onSwept: news.onSwept })
      else if (work)
        await servePools(ground, tenure, work, {
          ...request,
          onTick: (...told) => news.onTick(name, ...told),
        })
      else afterMs = strangeMs
    } catch (error) {
      afterMs = failedMs
      if (!one.isLost && !signal.aborted) news.onTrouble(toContractError(error))
      if (!isContractError(error) && !signal.aborted)
        log.warn('A work failed', { work: name, why: messageOf(error) })
    }
    held.delete(name)
    news.onLeft(name, one.isLost)
    await tenure
      .release(afterMs)
      .catch(error => log.debug('Not given back', { work: name, why: messageOf(error) }))
  }

  async function takeUp(count: number): Promise<void> {
    for (let taken = 0; taken < count && !wake.aborted; taken++) {
      const tenure = await coordinator.take()
      if (!tenure) return
      const one: Held = {
        tenure,
        since: clock.now(),
        leave: new AbortController(),
        isLost: false,
        done: Promise.resolve(),
      }
      held.set(tenure.work.name, one)
      one.done = serve(one)
    }
  }

  async function turn(): Promise<void> {
    if (clock.now() - offeredAt >= offerMs) {
      await coordinator.offer(
        [...works.values(), sweepWork].map(({ name, subjects }) => ({ name, subjects })),
      )
      offeredAt = clock.now()
    }
    const beat = await coordinator.beat({ machines: news.machines() })
    ground.adjust(beat.aheadMs)
    for (const name of beat.lost) {
      const one = held.get(name)
      if (one) one.isLost = true
      one?.leave.abort()
    }
    const holdings = [...held].map(([work, { since, leave }]) => ({
      work,
      since,
      isLeaving: leave.signal.aborted,
    }))
    for (const name of toGiveBack(holdings, beat)) held.get(name)?.leave.abort()
    await takeUp(Math.min(takesMax, shareOf(beat) - held.size))
    news.onBeat(beat, [...held.keys()])
  }

  try {
    while (!wake.aborted) {
      await turn().catch(error => news.onBeat(toContractError(error), [...held.keys()]))
      await clock.sleep(beatMs, AbortSignal.any([wake, signal])).catch(() => undefined)
      signal.throwIfAborted()
    }
  } finally {
    for (const { leave } of held.values()) leave.abort()
    await stillBeating(
      coordinator,
      ground.context,
      news,
      [...held.values()].map(one => one.done),
    )
  }
}

/** Ticks under way may take long: until the last one has ended, this host is alive. */
async function stillBeating(
  coordinator: Coordinator,
  { effects, signal }: Context,
  { machines }: Pick<HostNews, 'machines'>,
  ends: readonly Promise<void>[],
): Promise<void> {
  const over = new AbortController()
  const ended = Promise.all(ends).finally(() => over.abort('ended'))
  while (!over.signal.aborted && !signal.aborted) {
    await coordinator.beat({ machines: machines() }).catch(() => undefined)
    await effects.clock.sleep(beatMs, AbortSignal.any([over.signal, signal])).catch(() => undefined)
  }
  await ended
}
