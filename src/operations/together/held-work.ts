import { hasCode, isContractError, type Tenure } from '@agentctl/contract'
import { sweepWork, worksOf } from '../../coordination/works.ts'
import { messageOf } from '../../errors/message.ts'
import { toContractError } from '../../errors/to-contract-error.ts'
import type { Ground } from './ground.ts'
import { servePools, type TenureRequest } from './pool-tenure.ts'
import { type SweepRequest, serveSweeps } from './sweep-tenure.ts'

/** How long a work is left alone, or to others, after it could not be taken up here. Unit: milliseconds. */
const restMs = { strange: 5_000, away: 1_000, failed: 30_000 } as const

/** Between two tries to give a work back. Unit: milliseconds. */
const againMs = 1_000

/** Who hears of a work in the hands of this host. */
export interface WorkNews extends Pick<TenureRequest, 'onTrouble' | 'onCommit'> {
  readonly onTick: (work: string, ...told: Parameters<TenureRequest['onTick']>) => Promise<void>
  readonly onSwept: SweepRequest['onSwept']
  /** A work that was this host's is so no more. */
  readonly onLeft: (work: string, isLost: boolean) => void
}

export interface Held {
  readonly tenure: Tenure
  readonly since: number
  readonly leave: AbortController
  isLost: boolean
  done: Promise<void>
}

/** One work from its taking up to its giving back. */
export async function serveHeld(
  ground: Ground,
  one: Held,
  { ends, ...news }: WorkNews & { readonly ends: AbortSignal },
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
async function serve(ground: Ground, one: Held, news: WorkNews): Promise<boolean> {
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
      await clock.sleep(againMs, signal).catch(() => undefined)
    }
  }
}
