import { createDice, type FaultKind, type Knobs, type Traits } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { createRig, tally } from './rig.ts'

const minute = 60_000

interface Kind {
  readonly traits: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  /** What even the right calls cannot make good: a launch that takes effect late, or twice, under a key that is free. */
  readonly hopeless?: { readonly [fault in FaultKind]?: 0 }
}

/** Clouds of different kinds: what a launch is known by, how lists lag, what a power-off leaves. */
const kinds: Readonly<Record<string, Kind>> = {
  'batches, lagging lists, power-off deletes': {
    traits: {
      launchBatchMax: 20,
      listing: 'eventual',
      settleMs: 20_000,
      poweroff: 'deletes',
      zoneScopedTokens: true,
      endedShownMs: 20 * minute,
      auxiliary: ['disk', 'interface'],
      listEveryMs: 5_000,
    },
    knobs: { lagMs: [0, 20_000] },
  },
  'names, power-off stops and bills': {
    traits: { idempotency: 'name', poweroff: 'stops-and-bills', auxiliary: ['disk', 'address'] },
    knobs: { leftovers: { disk: 0.3 } },
    hopeless: { late: 0 },
  },
  'tag look-up, lagging list, clock ahead': {
    traits: { idempotency: 'tag-lookup', listing: 'eventual', settleMs: 10_000, launchBatchMax: 4 },
    knobs: { lagMs: [0, 10_000], skewMs: 90_000 },
    hopeless: { late: 0, duplicate: 0 },
  },
}

const often: Partial<Record<FaultKind, number>> = {
  throttled: 0.05,
  'server-error': 0.05,
  'request-lost': 0.03,
  slow: 0.02,
}

const faults: Knobs['chances'] = {
  launch: {
    ...often,
    'answer-lost': 0.15,
    late: 0.05,
    'stock-out': 0.05,
    duplicate: 0.05,
    hang: 0.02,
    short: 0.05,
  },
  list: { ...often, partial: 0.05 },
  terminate: { ...often, 'answer-lost': 0.1, duplicate: 0.05 },
  describe: often,
  console: often,
}

describe.each(Object.entries(kinds))(
  'a cloud with %s, and everything that goes wrong',
  (name, { traits, knobs, hopeless }) => {
    const first = Number(process.env.AGENTCTL_SIM_SEED ?? 1)
    const seeds = Number(process.env.AGENTCTL_SIM_SEEDS ?? 3)

    it.each(Array.from({ length: seeds }, (_, at) => `${name} ${first + at}`))('seed %s', async seed => {
      const dice = createDice(seed)
      using rig = createRig({
        seed,
        traits,
        count: 12,
        spec: { zones: ['a', 'b'], market: ['spot', 'on-demand'] },
        knobs: {
          ...knobs,
          chances: { ...faults, launch: { ...faults.launch, ...hopeless } },
          bootFailure: { chance: dice.next() * 0.2, text: 'cloud-init failed' },
          silentChance: 0.05,
          breakChance: 0.05,
          reclaim: { chance: 0.1, afterMs: [10_000, 2 * minute] },
        },
      })
      const result = await rig.run({ concurrency: 8 })
      rig.sim.cloud.turn({ chances: {} })
      await rig.sim.clock.advance(3 * minute)
      await rig.drive(rig.reap())

      const { finished = 0, broken = 0, queued = 0 } = rig.hub.counts()
      expect(finished + broken + queued).toBe(12)
      // A job that was left waiting is told as such.
      const { failed = 0, open = 0, refused = 0, unclear = 0 } = tally(result)
      expect(failed + open + refused + unclear).toBeGreaterThanOrEqual(queued)
      rig.check({ concurrency: 8 })
    })
  },
)
