import { describe, expect, it } from 'vitest'
import { newGceRound, played } from '../clouds/gce/round.ts'
import { type Fate, playGuests } from '../clouds/guests.ts'
import { run } from '../support/cli.ts'
import { jobs } from '../support/round.ts'

const inserts = 'POST zones/:zone/instances'
const deletes = 'DELETE zones/:zone/instances/:name'
const throttled = {
  kind: 'status',
  status: 403,
  reason: 'rateLimitExceeded',
  info: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED',
} as const
const args = ['provision', '--concurrency', '20', '--json']

describe.concurrent('provision --provider gcp', () => {
  it('with lost replies and throttled calls of every kind doubles nothing and leaves nothing', {
    timeout: 240_000,
  }, async () => {
    await using round = await newGceRound({ hub: { jobs: jobs(12, 'true') } })
    const { faults } = round.gce
    // The first one fails in its operation. Were that, or its undoing, in doubt besides, it would take a minute.
    faults.armInsert('leaves-machine')
    faults.arm(inserts, { kind: 'lose-reply' }, { times: 2, skip: 2 })
    faults.arm(inserts, { kind: 'lose-request' }, { skip: 1 })
    faults.arm(inserts, throttled, { times: 2, skip: 1 })
    faults.arm(deletes, { kind: 'lose-reply' }, { times: 2, skip: 1 })
    faults.arm(deletes, throttled, { times: 2 })
    faults.arm(
      'GET aggregated/instances',
      { kind: 'status', status: 503, reason: 'backendError' },
      { skip: 1 },
    )
    await using _ = await playGuests(played(round.gce))

    const ended = await run(round.home, ...args)

    expect(ended.code).toBe(0)
    expect(JSON.parse(ended.stdout)).toMatchObject({ wanted: 12, done: 12, left: [] })
    expect(round.hub.jobs().filter(job => job.runs !== 1)).toEqual([])
    // That one was made anew.
    expect(round.gce.history()).toHaveLength(13)
    expect(round.gce.left()).toEqual([])
    expect(round.gce.violations).toEqual([])
  })

  it('with spot machines that are taken back, and one that dies, says so and leaves nothing', {
    timeout: 240_000,
  }, async () => {
    const fates: readonly (Fate | undefined)[] = [
      { kind: 'reclaimed', at: 'boot', noticeMs: 1_000 },
      { kind: 'dies', at: 'boot' },
    ]
    await using round = await newGceRound({
      hub: { jobs: jobs(4, 'true') },
      knobs: { preemptMs: 8_000 },
      spec: { market: ['spot', 'on-demand'] },
    })
    await using _ = await playGuests(played(round.gce), { fate: (_instance, nth) => fates[nth] })

    const ended = await run(round.home, ...args)

    expect(ended.code).toBe(0)
    const result = JSON.parse(ended.stdout)
    expect(result).toMatchObject({ wanted: 4, done: 4, left: [], machines: 6 })
    expect(result.reasons).toMatchObject({ 'spot-reclaimed': 1, 'job-finished': 4 })
    expect(round.hub.jobs().filter(job => job.runs !== 1)).toEqual([])
    expect(round.gce.left()).toEqual([])
  })

  it('that nobody may do stops at once, and names the permission', { timeout: 120_000 }, async () => {
    await using round = await newGceRound({ hub: { jobs: jobs(1, 'true') } })
    round.gce.faults.arm(inserts, { kind: 'status', status: 403, reason: 'forbidden' }, { times: 99 })

    const ended = await run(round.home, 'provision')

    expect(ended.code).toBe(10)
    expect(ended.stderr + ended.stdout).toContain('permission is missing')
    expect(round.gce.left()).toEqual([])
  })
})
