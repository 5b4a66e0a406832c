import { type Beat, type Coordinator, hasCode, isContractError, type Tenure } from '@agentctl/contract'
import { sweepWork, worksOf } from '../../coordination/works.ts'
import { messageOf } from '../../errors/message.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import type { Ground } from './ground.ts'
import { shareOf, toGiveBack } from './holdings.ts'
import { servePools, type TenureRequest } from './pool-tenure.ts'
import { type SweepRequest, serveSweeps } from './sweep-tenure.ts'

/** Times between two beats, and between two offers. Unit: milliseconds. */
const beatMs = 1_000
const offerMs = 5_000
/** Works taken up after one beat: each is read and looked at first. */
const takesMax = 20
/** How long a work is left alone, or to others, after it could not be taken up here. Unit: milliseconds. */
const restMs = { strange: 5_000, away: 1_000, failed: 30_000 } as const

export interface HostNews extends Pick<TenureRequest, 'onTrouble' | 'onCommit'> {
  readonly onTick: (work: string, ...told: Parameters<TenureRequest['onTick']>) => Promise<void>
  readonly onSwept: SweepRequest['onSwept']
  /** After each beat, or what it failed of. */
  readonly onBeat: (beat: Beat | Error, held: readonly string[]) => Promise<void>
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

/** Takes its share of the works until `wake`, and gives all of them back then; once it `ends`, as far as it can. */
export async function beHost(
  ground: Ground,
  coordinator: Coordinator,
  { wake, ends, ...news }: HostNews & { readonly wake: AbortSignal; readonly ends: AbortSignal },
): Promise<void> {
  const { settings, signal, effects } = ground.context
  const { clock } = effects
  const works = [...worksOf(settings), sweepWork].map(({ name, subjects }) => ({ name, subjects }))
  const held = new Set<Held>()
  const names = () => [...held].map(one => one.tenure.work.name)
  let offeredAt = Number.NEGATIVE_INFINITY

  async function takeUp(count: number): Promise<void> {
    for (let taken = 0; taken < count && !wake.aborted; taken++) {
      const tenure = await coordinator.take()
      if (!tenure) return
      const leave = new AbortController()
      const one: Held = { tenure, since: clock.now(), leave, isLost: false, done: Promise.resolve() }
      held.add(one)
      one.done = hold(ground, one, { ...news, ends }).finally(() => held.delete(one))
    }
  }

  async function turn(): Promise<Beat> {
    if (clock.now() - offeredAt >= offerMs) {
      await coordinator.offer(works)
      offeredAt = clock.now()
    }
    const beat = await coordinator.beat({ machines: news.machines() })
    ground.adjust(beat.aheadMs)
    // The oldest of that name: it may have been taken up again already.
    for (const name of beat.lost) lose([...held].find(one => one.tenure.work.name === name))
    const holdings = [...held].map(one => ({ ...one, isLeaving: one.leave.signal.aborted }))
    for (const one of toGiveBack(holdings, beat)) one.leave.abort()
    await takeUp(Math.min(takesMax, shareOf(beat) - held.size))
    return beat
  }

  try {
    while (!wake.aborted) {
      await news.onBeat(await turn().catch(toContractError), names())
      await clock.sleep(beatMs, AbortSignal.any([wake, signal])).catch(() => undefined)
      signal.throwIfAborted()
    }
  } finally {
    for (const { leave } of held) leave.abort()
    await beatUntil(Promise.all([...held].map(one => one.done)), ground, coordinator, news)
  }
}

function lose(one: Held | undefined): void {
  if (!one) return
  one.isLost = true
  one.leave.abort()
}

/** One work from its taking up to its giving back. */
async function hold(
  ground: Ground,
  one: Held,
  { ends, ...news }: HostNews & { readonly ends: AbortSignal },
): Promise<void> {
  const { log, signal } = ground.context
  const { name } = one.tenure.work
  let rest = 0
  try {
    const isKnown = await serve(ground, one, news)
    if (!isKnown) rest = restMs.strange
  } catch (error) {
    rest = hasCode(error, 'unavailable') ? restMs.away : restMs.failed
    if (!signal.aborted) news.onTrouble(toContractError(error))
    if (!isContractError(error)) log.warn('A work failed', { work: name, why: messageOf(error) })
  }
  news.onLeft(name, one.isLost)
  await giveBack(ground, one, rest, ends)
}

/** False: this host's configuration does not have it. */
async function serve(ground: Ground, one: Held, news: HostNews): Promise<boolean> {
  const { settings, log } = ground.context
  const { tenure, leave } = one
  const { name } = tenure.work
  const request = {
    wake: leave.signal,
    onTrouble: news.onTrouble,
    onCommit: news.onCommit,
    onLost(why: string) {
      one.isLost = true
      log.warn('A work is let go', { work: name, why })
    },
  }
  if (name === sweepWork.name) {
    await serveSweeps(ground, tenure, { ...request, onSwept: news.onSwept })
    return true
  }
  const work = worksOf(settings).find(known => known.name === name)
  if (!work) return false
  await servePools(ground, tenure, work, { ...request, onTick: (...told) => news.onTick(name, ...told) })
  return true
}

/** A host that ends does not wait for longer: the others find out by its silence. Unit: milliseconds. */
const giveBackMs = 30_000

/** As long as this host lives nobody else can take what it has not given back. */
async function giveBack(
  { context }: Ground,
  { tenure }: Held,
  restMs: number,
  ends: AbortSignal,
): Promise<void> {
  const { effects, log, signal } = context
  const { clock } = effects
  let endsAt = Number.POSITIVE_INFINITY
  while (!signal.aborted && clock.now() < endsAt) {
    try {
      return await tenure.release(restMs)
    } catch (error) {
      log.debug('Not given back yet', { work: tenure.work.name, why: messageOf(error) })
      if (ends.aborted) endsAt = Math.min(endsAt, clock.now() + giveBackMs)
      await clock.sleep(beatMs, signal).catch(() => undefined)
    }
  }
}

/** Ticks under way may take long: until the last one has ended, this host is alive. */
async function beatUntil(
  last: Promise<unknown>,
  { context, adjust }: Ground,
  coordinator: Coordinator,
  { machines }: HostNews,
): Promise<void> {
  const { effects, signal } = context
  const over = new AbortController()
  const ended = last.finally(() => over.abort('ended'))
  while (!over.signal.aborted && !signal.aborted) {
    const beat = await coordinator.beat({ machines: machines() }).catch(() => undefined)
    if (beat) adjust(beat.aheadMs)
    await effects.clock.sleep(beatMs, AbortSignal.any([over.signal, signal])).catch(() => undefined)
  }
  await ended
}
