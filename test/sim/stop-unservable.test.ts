import { describe, expect, it } from 'vitest'
import type { CapacityJson } from '../../src/views/capacity.ts'
import { cron } from './capacity-rig.ts'
import { outage } from './queue.ts'
import { createRig } from './rig.ts'

const minute = 60_000
const nobodyBoots = { bootFailure: { chance: 1, text: 'cloud-init: 503' } }

async function twelveMinutes(rig: ReturnType<typeof createRig>) {
  const seen: CapacityJson[] = []
  await cron(rig, 12, {}, json => seen.push(json))
  return seen
}

describe('a job for which no machine can be made', () => {
  it('is stopped once, with the reason, when its attempts are spent', async () => {
    using rig = createRig({ count: 1, stopsUnservableJobs: true, knobs: nobodyBoots })
    const [job] = rig.hub.jobs.keys()
    const seen = await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([job])
    const stopped = seen.flatMap(json => json.stopped)
    expect(stopped).toEqual([
      {
        jobId: job,
        agentType: 's1-x',
        why: expect.stringMatching(/^no machine could be made for it, 3 failed; the last: /),
      },
    ])
    expect(seen.at(-1)?.exit).toBe(0)
    rig.check()
  })

  it('is left in the queue unless that is asked for', async () => {
    using rig = createRig({ count: 1, knobs: nobodyBoots })
    const seen = await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([])
    expect(seen.at(-1)?.exit).toBe(13)
  })

  it('is not stopped while an agent of the type waits for a job: it may take it', async () => {
    using rig = createRig({ count: 1, stopsUnservableJobs: true, knobs: nobodyBoots })
    const ofOthers = new Map([['somebody-elses', 'idle' as const]])
    Object.assign(rig.hub, { agents: async () => ofOthers })
    await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([])
  })

  it.each([
    ['agents', { agents: () => Promise.reject(outage()) }],
    ['the job', { job: () => Promise.reject(outage()) }],
  ])('is not stopped while %s cannot be seen, and is afterwards', async (_, broken) => {
    using rig = createRig({ count: 1, stopsUnservableJobs: true, knobs: nobodyBoots })
    const { agents, job } = rig.hub
    Object.assign(rig.hub, broken)
    await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([])
    Object.assign(rig.hub, { agents, job })
    await cron(rig, 3)
    expect(rig.hub.stops).toHaveLength(1)
  })

  it('is not stopped when it runs by now, whatever the list of a moment ago said', async () => {
    using rig = createRig({ count: 1, stopsUnservableJobs: true, knobs: nobodyBoots })
    Object.assign(rig.hub, { job: async () => ({ state: 'running' as const, agent: 'somebody-elses' }) })
    await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([])
  })

  it('is nothing that a lack of capacity makes of it: a pool may still have a machine', async () => {
    using rig = createRig({
      count: 2,
      stopsUnservableJobs: true,
      knobs: { chances: { launch: { 'stock-out': 1 } } },
    })
    await twelveMinutes(rig)
    expect(rig.hub.stops).toEqual([])
  })

  it('needs an API token', async () => {
    using rig = createRig({ count: 1, stopsUnservableJobs: true, hasApiToken: false, knobs: nobodyBoots })
    await cron(rig, 12)
    expect(rig.hub.stops).toEqual([])
    expect(rig.sim.clock.now() - rig.startedAt).toBeGreaterThan(10 * minute)
  })
})
