import type { JobRecord, QueueSample, WaitCode } from '../fleet/records.ts'
import { type Lanes, lanesOf } from './lanes.ts'
import { type Levels, levelsOf, totalOf } from './levels.ts'
import type { Life } from './life.ts'
import {
  costOf,
  type MoneyFigures,
  minutesOf,
  moneyFigures,
  type PriceList,
  priceOf,
  type Span,
} from './money.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { type Spread, spreadOf } from './spread.ts'
import { durationOf, type StageFigure, stageFigures } from './stages.ts'

export interface Facts {
  readonly since: number
  readonly until: number
  readonly lives: readonly Life[]
  readonly jobs: readonly JobRecord[]
  readonly queues: readonly QueueSample[]
}

export interface OfferingFigure {
  readonly pool: string
  readonly offering: string
  readonly wanted: number
  readonly served: number
  readonly failed: number
  /** Of those that served or failed, the share that served; from 0 to 1. */
  readonly success?: number
  /** From acceptance to registration. */
  readonly ready?: Spread
  readonly minutes: number
  readonly cost?: number
}

export interface FailureFigure {
  readonly reason: string
  /** What a refused launch was refused with. */
  readonly code?: string
  readonly count: number
  /** The latest. */
  readonly example: Pick<
    Life,
    'jobId' | 'instanceId' | 'name' | 'offering' | 'detail' | 'fault' | 'consoleTail'
  >
}

export interface WaitFigure {
  readonly code: WaitCode
  readonly jobs: number
  /** All of them together. Unit: milliseconds. */
  readonly totalMs: number
  /** The latest, in words. */
  readonly why: string
}

/** All that a report tells; every view is made of it. */
export interface Figures {
  /** Asked for. */
  readonly since: number
  readonly until: number
  /** Of what there is: no longer than asked for. */
  readonly span: Span
  readonly machines: Readonly<Record<Outcome, number>> & { readonly wanted: number; readonly atOnce: number }
  readonly jobs: { readonly seen: number; readonly waiting: number; readonly ran: number }
  readonly stages: readonly StageFigure[]
  readonly waits: readonly WaitFigure[]
  readonly offerings: readonly OfferingFigure[]
  readonly failures: readonly FailureFigure[]
  readonly money: MoneyFigures
  readonly levels: Levels
  readonly lanes: Lanes
}

/** Points of time in a chart. */
const partsCount = 240
/** Machines in a timeline. */
const machinesMax = 2_000

export function figuresOf(facts: Facts, prices: PriceList): Figures {
  const { since, until, lives, jobs, queues } = facts
  const span = spanOf(facts)
  const outcomes = Map.groupBy(lives, outcomeOf)
  const count = (outcome: Outcome) => outcomes.get(outcome)?.length ?? 0
  const levels = levelsOf(lives, { queues, jobs }, span, partsCount)
  const served = outcomes.get('served') ?? []
  return {
    since,
    until,
    span,
    machines: {
      wanted: lives.length,
      alive: count('alive'),
      served: count('served'),
      unneeded: count('unneeded'),
      failed: count('failed'),
      atOnce: Math.max(0, ...levels.machines.map(totalOf)),
    },
    jobs: {
      seen: jobs.length,
      waiting: jobs.filter(job => job.leftAt === undefined).length,
      ran: served.length,
    },
    stages: stageFigures(lives),
    waits: waitFigures(jobs, until),
    offerings: offeringFigures(lives, span, prices),
    failures: failureFigures(outcomes.get('failed') ?? []),
    money: moneyFigures(lives, span, prices),
    levels,
    lanes: lanesOf(lives, span, machinesMax),
  }
}

/** From the first to the last that is known; up to now while anything is under way. */
function spanOf({ since, until, lives, jobs, queues }: Facts): Span {
  const times = [
    ...lives.flatMap(life => Object.values(life.times)),
    ...jobs.flatMap(job => [job.queuedAt, job.leftAt ?? job.queuedAt]),
    ...queues.map(one => one.at),
  ]
  const isUnderWay =
    lives.some(life => outcomeOf(life) === 'alive') || jobs.some(job => job.leftAt === undefined)
  const first = times.reduce((least, at) => Math.min(least, at), until)
  const last = times.reduce((most, at) => Math.max(most, at), since)
  const from = Math.max(since, first)
  return { from, to: isUnderWay ? until : Math.max(from, Math.min(until, last)) }
}

function waitFigures(jobs: readonly JobRecord[], until: number): readonly WaitFigure[] {
  const all = jobs.flatMap(({ jobId, waits }) => waits.map(wait => ({ jobId, ...wait })))
  return [...Map.groupBy(all, wait => wait.code)]
    .map(([code, waits]) => ({
      code,
      jobs: new Set(waits.map(wait => wait.jobId)).size,
      totalMs: waits.reduce((sum, { since, until: end = until }) => sum + Math.max(0, end - since), 0),
      why: waits.reduce((latest, wait) => (wait.since >= latest.since ? wait : latest)).why,
    }))
    .sort((a, b) => b.totalMs - a.totalMs)
}

function offeringFigures(lives: readonly Life[], span: Span, prices: PriceList): readonly OfferingFigure[] {
  const groups = Map.groupBy(lives, life => `${life.pool}\n${life.offering}`)
  return [...groups.values()]
    .flatMap((of): OfferingFigure[] => {
      const [first] = of
      if (!first) return []
      const count = (outcome: Outcome) => of.filter(life => outcomeOf(life) === outcome).length
      const [served, failed] = [count('served'), count('failed')]
      const ready = spreadOf(of.flatMap(life => durationOf(life, 'accepted', 'registered')))
      return [
        {
          pool: first.pool,
          offering: first.offering,
          wanted: of.length,
          served,
          failed,
          ...(served + failed > 0 && { success: served / (served + failed) }),
          ...(ready && { ready }),
          minutes: minutesOf(of, span),
          ...(priceOf(first, prices) !== undefined && { cost: costOf(of, span, prices) }),
        },
      ]
    })
    .sort((a, b) => b.wanted - a.wanted)
}

function failureFigures(failed: readonly Life[]): readonly FailureFigure[] {
  const keyOf = ({ reason = 'unknown', errorCode = '' }: Life) =>
    reason === 'launch-failed' ? `${reason}\n${errorCode}` : reason
  return [...Map.groupBy(failed, keyOf)]
    .flatMap(([, of]): FailureFigure[] => {
      const last = of.at(-1)
      if (!last) return []
      const {
        reason = 'unknown',
        errorCode,
        jobId,
        instanceId,
        name,
        offering,
        detail,
        fault,
        consoleTail,
      } = last
      return [
        {
          reason,
          ...(reason === 'launch-failed' && errorCode !== undefined && { code: errorCode }),
          count: of.length,
          example: {
            name,
            offering,
            ...(jobId !== undefined && { jobId }),
            ...(instanceId !== undefined && { instanceId }),
            ...(detail !== undefined && { detail }),
            ...(fault !== undefined && { fault }),
            ...(consoleTail !== undefined && { consoleTail }),
          },
        },
      ]
    })
    .sort((a, b) => b.count - a.count)
}
