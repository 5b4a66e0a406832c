import type { Beat, Coordinator } from '@agentctl/contract'
import { sweepWork, worksOf } from '../../coordination/works.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import type { Ground } from './ground.ts'
import { type Held, serveHeld, type WorkNews } from './held-work.ts'
import { shareOf, toGiveBack } from './holdings.ts'

/** Times between two beats, and between two offers. Unit: milliseconds. */
const beatMs = 1_000
const offerMs = 5_000
/** Works taken up after one beat: each is read and looked at first. */
const takesMax = 20

export interface HostNews extends WorkNews {
  /** After each beat, or what it failed of. */
  readonly onBeat: (beat: Beat | Error, held: readonly string[]) => Promise<void>
  /** Machines in what was seen last. */
  readonly machines: () => number
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
      one.done = serveHeld(ground, one, { ...news, ends }).finally(() => held.delete(one))
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
