import { expect, it } from 'vitest'
import { runOnce } from '../sim/capacity-rig.ts'
import { deathAt, lived } from '../sim/death.ts'
import { createRig, machinesOf } from '../sim/rig.ts'

/** Every moment, not only each sixth one. */
const isThorough = process.env.AGENTCTL_CRASH_ALL !== undefined

const stories = {
  'with a machine for each job': { binding: 'job', traits: { launchBatchMax: 3, settleMs: 1_000 } },
  'with a machine for each job, where lists lag': {
    binding: 'job',
    traits: { launchBatchMax: 3, listing: 'eventual', settleMs: 5_000, poweroff: 'deletes' },
    knobs: { lagMs: [0, 5_000] },
  },
  'with machines for any job': { binding: 'queue', traits: { launchBatchMax: 3, settleMs: 1_000 } },
} as const

type Story = (typeof stories)[keyof typeof stories]

/** A run that dies at that moment, and those that cron starts after it. */
async function play(story: Story, moment: number): Promise<readonly string[]> {
  const death = deathAt(moment, ['launch', 'terminate'])
  using rig = createRig({
    ...story,
    ...{ seed: 'crash', count: 3, jobMs: 4_000, agentMs: 1_000, idleMs: 20_000 },
    pool: { capacity: { max: 3 } },
    knobs: { bootMs: [3_000, 5_000], deleteMs: [500, 1_000], ...('knobs' in story && story.knobs) },
  })
  const run = { forMs: 60_000, deadlineMs: 150_000 }
  await lived(death, rig.process(death), process => runOnce(rig, run, process))
  await runOnce(rig, { ...run, forMs: 120_000 })
  const where = `a death ${death.passed.at(-1) ?? 'never'}`
  expect(rig.hub.counts(), where).toMatchObject({ finished: 3, queued: 0, broken: 0 })
  expect(machinesOf(rig), where).toBe(3)
  rig.check({ concurrency: 3 })
  return death.passed
}

it.each(Object.entries(stories))(
  'a run of capacity that dies at any moment, %s, costs nothing',
  async (_, story) => {
    const moments = await play(story, Number.POSITIVE_INFINITY)
    expect(moments).toContain('accepted launch')
    expect(moments).toContain(story.binding === 'queue' ? 'after saveSlots' : 'after saveAcquaintance')
    for (let moment = 1; moment <= moments.length; moment += isThorough ? 1 : 6) await play(story, moment)
  },
)
