import type { Knobs, Traits } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { deathAt, lived } from '../sim/death.ts'
import { createRig, tally } from '../sim/rig.ts'

const minute = 60_000
/** Every moment, not only each fourth one. */
const isThorough = process.env.AGENTCTL_CRASH_ALL !== undefined

interface Story {
  readonly traits?: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  readonly spec?: Readonly<Record<string, unknown>>
  /** The one that comes after asks for something else under the same ids. */
  readonly isChanged?: boolean
}

const stories: Readonly<Record<string, Story>> = {
  'one by one': { traits: { settleMs: 1_000 } },
  'batches, lagging lists, power-off deletes': {
    traits: {
      launchBatchMax: 3,
      listing: 'eventual',
      settleMs: 5_000,
      poweroff: 'deletes',
      endedShownMs: 2 * minute,
      zoneScopedTokens: true,
    },
    knobs: { lagMs: [0, 5_000] },
  },
  'names, and no capacity in the first zone': {
    traits: { idempotency: 'name', settleMs: 1_000 },
    spec: { zones: ['a', 'b'] },
    knobs: { stock: { 'small/a/on-demand': 1 } },
  },
  'and comes back with another token': {
    traits: { launchBatchMax: 3, listing: 'eventual', settleMs: 5_000 },
    knobs: { lagMs: [0, 5_000] },
    isChanged: true,
  },
}

/** A controller that dies at that moment, and one that comes after it. */
async function play({ traits, knobs, spec, isChanged }: Story, moment: number): Promise<readonly string[]> {
  const death = deathAt(moment, ['launch', 'terminate'])
  using rig = createRig({
    seed: 'crash',
    count: 3,
    jobMs: 4_000,
    agentMs: 1_000,
    ...(traits && { traits }),
    ...(spec && { spec }),
    knobs: { bootMs: [3_000, 5_000], deleteMs: [500, 1_000], ...knobs },
  })
  await lived(death, rig.process(death), process => rig.drive(rig.provision({ concurrency: 2 }, process)))

  const next = rig.process(isChanged ? { token: 'another-token-0123456789' } : {})
  const result = await rig.drive(rig.provision({ concurrency: 2 }, next))
  await rig.sim.clock.advance(10_000)
  const reaped = await rig.drive(rig.reap())
  const where = death.passed.at(-1) ?? 'never'
  expect(rig.hub.counts(), `jobs after a death ${where}`).toMatchObject({ finished: 3, queued: 0, broken: 0 })
  expect(
    Object.keys(tally(result)).filter(state => state !== 'done'),
    where,
  ).toEqual([])
  expect([...reaped.left, ...reaped.unknown], where).toEqual([])
  rig.check({ concurrency: 2 })
  return death.passed
}

describe.each(Object.entries(stories))('a controller that dies: %s', (_, story) => {
  it('at any moment leaves every job one machine, and nothing behind', async () => {
    const moments = await play(story, Number.POSITIVE_INFINITY)
    expect(moments.filter(name => name === 'accepted launch').length).toBeGreaterThan(0)
    expect(moments.filter(name => name === 'before save').length).toBeGreaterThan(5)
    for (let moment = 1; moment <= moments.length; moment += isThorough ? 1 : 4) await play(story, moment)
  })
})

it('a launch is on disk, as one in doubt, before it is sent', async () => {
  using rig = createRig({ count: 3, jobMs: 4_000 })
  let opened: Journal | undefined
  const sent: unknown[] = []
  const process = rig.process({
    journalOf: journal => {
      opened = journal
      return journal
    },
    atBoundary(boundary, operation) {
      if (boundary !== 'before-send' || operation !== 'launch') return
      const open = opened?.memory([]).launches.filter(launch => launch.state === 'intended') ?? []
      sent.push(open.filter(launch => launch.doubtedAt !== undefined && launch.tries === 1).length)
    },
  })
  await rig.drive(rig.provision({}, process))
  expect(sent).toEqual([3, 3, 3])
  rig.check()
})

describe('a controller that dies, and nobody launches after it', () => {
  it('leaves what ends by itself, and what reap takes away', async () => {
    for (let moment = 1; moment < 40; moment += 3) {
      const death = deathAt(moment, ['launch', 'terminate'])
      using rig = createRig({
        seed: 'alone',
        count: 3,
        jobMs: 4_000,
        traits: { listing: 'eventual', settleMs: 5_000 },
        knobs: { lagMs: [0, 5_000], bootMs: [3_000, 5_000] },
      })
      await lived(death, rig.process(death), process => rig.drive(rig.provision({ concurrency: 2 }, process)))
      await rig.drive(rig.reap())
      await rig.sim.clock.advance(minute)
      const { left, unknown } = await rig.drive(rig.reap())
      expect([...left, ...unknown], `a death ${death.passed.at(-1)}`).toEqual([])
      expect(rig.hub.counts().broken).toBe(0)
      rig.check({ concurrency: 2 })
    }
  })
})
