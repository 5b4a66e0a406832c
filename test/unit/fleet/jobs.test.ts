import { describe, expect, it } from 'vitest'
import { nextJobs, nextSamples, nextWaits } from '../../../src/fleet/jobs.ts'
import { unknown } from '../../../src/fleet/picture.ts'
import type { JobRecord, Wait } from '../../../src/fleet/records.ts'
import { jobId, jobWant, minute, pictureOf, queueOf, t0, unitRecord, viewOf } from './build.ts'

const full: Wait = { code: 'pool-full', why: 'p: it has its most machines, 1' }
const quota: Wait = { code: 'quota', why: 'p: 32 vCPU' }
const job = (number: number, change: Partial<JobRecord> = {}): JobRecord => ({
  jobId: jobId(number),
  agentType: 's1-x',
  queuedAt: t0,
  waits: [],
  ...change,
})
const none = new Map<string, Wait | 'none'>()

describe('jobs', () => {
  it('come with the time of the first look that shows them, and their reason to wait', () => {
    const picture = pictureOf([], { queues: queueOf([1, 2]) })
    const waits = new Map([[jobId(1), full]])
    expect(nextJobs({ picture, waits, wants: [], before: [job(2)], now: t0 + minute })).toEqual([
      job(1, { queuedAt: t0 + minute, waits: [{ since: t0 + minute, ...full }] }),
    ])
  })

  it('leave when a complete list is without them, and their wait ends with that', () => {
    const before = [job(1, { waits: [{ since: t0, ...full }] })]
    const at = (queues: ReturnType<typeof queueOf>) =>
      nextJobs({ picture: pictureOf([], { queues }), waits: none, wants: [], before, now: t0 + minute })
    expect(at(queueOf([]))).toEqual([
      job(1, { leftAt: t0 + minute, waits: [{ since: t0, until: t0 + minute, ...full }] }),
    ])
    expect(at(queueOf([2], 501)).map(one => one.jobId)).toEqual([jobId(2)])
    expect(at(new Map([['s1-x', unknown('503')]]))).toEqual([])
  })

  it('leave as their machine registers, where no list says so', () => {
    const unit = unitRecord({ entered: { online: t0 + 1 } })
    const jobs = nextJobs({
      picture: pictureOf([viewOf({ unit })]),
      waits: none,
      wants: [],
      before: [job(1)],
      now: t0 + minute,
    })
    expect(jobs).toEqual([job(1, { leftAt: t0 + 1 })])
  })

  it('come by the wish for them, where the queue was read once, and only once', () => {
    const wants = [jobWant(1, { since: t0 - 1 })]
    const came = nextJobs({ picture: pictureOf(), waits: none, wants, before: [], now: t0 })
    expect(came).toEqual([job(1, { queuedAt: t0 - 1 })])
    expect(nextJobs({ picture: pictureOf(), waits: none, wants, before: came, now: t0 + minute })).toEqual([])
  })

  it('that are listed again have not left', () => {
    const picture = pictureOf([], { queues: queueOf([1]) })
    expect(nextJobs({ picture, waits: none, wants: [], before: [job(1, { leftAt: t0 })], now: t0 })).toEqual([
      job(1),
    ])
  })
})

describe('waits', () => {
  it('go on with the same reason, and give way to another', () => {
    const first = nextWaits([], full, t0)
    expect(nextWaits(first, { ...full }, t0 + 1)).toBe(first)
    expect(nextWaits(first, undefined, t0 + 1)).toBe(first)
    expect(nextWaits(first, quota, t0 + 2)).toEqual([
      { since: t0, until: t0 + 2, ...full },
      { since: t0 + 2, ...quota },
    ])
    expect(nextWaits([], 'none', t0)).toEqual([])
  })

  it('are bounded: of many the first and the latest are kept', () => {
    const all = Array.from({ length: 100 }, (_, at) => at).reduce<ReturnType<typeof nextWaits>>(
      (waits, at) => nextWaits(waits, at % 2 === 0 ? full : quota, t0 + at),
      [],
    )
    expect(all).toHaveLength(20)
    expect([all[0]?.since, all.at(-1)?.since]).toEqual([t0, t0 + 99])
  })
})

it('a queue is written down when it has changed, every five seconds at most', () => {
  const next = (jobs: readonly number[], afterMs: number) =>
    nextSamples(
      pictureOf([], { queues: queueOf(jobs) }),
      [{ agentType: 's1-x', at: t0, queued: 1 }],
      t0 + afterMs,
    )
  expect(next([1, 2], 5_000)).toEqual([{ agentType: 's1-x', at: t0 + 5_000, queued: 2 }])
  expect(next([1, 2], 4_999)).toEqual([])
  expect(next([1], minute)).toEqual([])
})
