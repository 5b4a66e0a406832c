import { describe, expect, it } from 'vitest'
import type { ProvisionResult } from '../../src/operations/provision.ts'
import { jobIdOf, outage } from './queue.ts'
import { createRig, machinesOf, type Rig, tally } from './rig.ts'

const minute = 60_000
const slowly = {
  count: 4,
  knobs: { bootMs: [4 * minute, 5 * minute] },
  pool: { timeouts: { boot: '6m' } },
} as const

/** One is stopped, and another agent takes one. */
function lose({ hub }: Rig): void {
  hub.cancel(jobIdOf(1))
  Object.assign(hub.jobs.get(jobIdOf(2)) ?? {}, { state: 'running', ran: ['somebody'] })
}

const endsOf = ({ units }: ProvisionResult) =>
  units.flatMap(({ unit: { jobId, reason, entered } }) =>
    reason === 'not-needed' ? [{ jobId, at: entered.terminating ?? 0 }] : [],
  )

describe('provision, of machines whose job is lost while they boot', () => {
  it.each([
    ['one by one', {}],
    ['where lists cost', { listEveryMs: 5_000, launchBatchMax: 10 }],
  ])('ends them soon, and no other: %s', async (_, traits) => {
    using rig = createRig({ ...slowly, traits })
    const run = rig.provision()
    await rig.sim.clock.advance(minute)
    const lostAt = rig.sim.clock.now()
    lose(rig)
    const result = await rig.drive(run)
    const ends = endsOf(result)
    expect(ends.map(one => one.jobId).sort()).toEqual([jobIdOf(1), jobIdOf(2)])
    expect(Math.max(...ends.map(one => one.at)) - lostAt).toBeLessThan(15_000)
    expect(tally(result)).toEqual({ done: 4 })
    expect(machinesOf(rig)).toBe(4)
    rig.check()
  })

  it('asks the hub six times a minute for the queue, and not at all while every agent is at work', async () => {
    using rig = createRig({ ...slowly, jobMs: 8 * minute })
    const run = rig.provision()
    await rig.sim.clock.advance(4 * minute)
    expect(rig.hub.asked.queue).toBeGreaterThan(20)
    expect(rig.hub.asked.queue).toBeLessThanOrEqual(25)
    await rig.sim.clock.advance(2 * minute)
    const { queue } = rig.hub.asked
    await rig.sim.clock.advance(4 * minute)
    expect(rig.hub.asked.queue).toBe(queue)
    await rig.drive(run)
    rig.check()
  })

  it.each([
    ['does not answer', ({ hub }: Rig) => Object.assign(hub, { outage: outage() })],
    ['answers as before', ({ hub }: Rig) => Object.assign(hub, { isStale: true })],
    [
      'does not say who is online',
      ({ hub }: Rig) => Object.assign(hub, { agents: () => Promise.reject(outage()) }),
    ],
    [
      'does not know the job',
      ({ hub }: Rig) => Object.assign(hub, { job: () => Promise.reject(outage(404)) }),
    ],
  ])('ends none while the hub %s', async (_, trouble) => {
    using rig = createRig(slowly)
    const run = rig.provision()
    await rig.sim.clock.advance(minute)
    trouble(rig)
    lose(rig)
    await rig.sim.clock.advance(2 * minute)
    expect(rig.sim.cloud.ledger.calls.get('terminate') ?? 0).toBe(0)
    Object.assign(rig.hub, { outage: undefined, isStale: false })
    expect(tally(await rig.drive(run))).toEqual({ done: 4 })
    rig.check()
  })

  it('ends none that another command of this host launched, and lives', async () => {
    using rig = createRig(slowly)
    const first = rig.provision()
    await rig.sim.clock.advance(minute)
    const { hub } = rig
    const added = hub.add(1)
    const second = rig.provision({ demand: { kind: 'jobs', ids: added.map(job => job.id) } })
    await rig.sim.clock.advance(10_000)
    lose(rig)
    expect(endsOf(await rig.drive(second))).toEqual([])
    expect(endsOf(await rig.drive(first))).toHaveLength(2)
    rig.check()
  })
})
