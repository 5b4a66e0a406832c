import { describeProvider } from '@agentctl/contract/testing'
import { simTarget } from './sim-target.ts'

const everyKind = ['disk', 'interface', 'address'] as const

describeProvider(simTarget('sim: tokens, strong listing, power-off stops', { traits: { pageSize: 2 } }))

// As EC2: tokens of a zone, batches, a listing that lags, a power-off that ends it, ended ones still shown.
describeProvider(
  simTarget('sim: zonal tokens, batches, eventual listing, power-off deletes', {
    traits: {
      launchBatchMax: 100,
      listing: 'eventual',
      settleMs: 60_000,
      poweroff: 'deletes',
      zoneScopedTokens: true,
      endedShownMs: 3_600_000,
      auxiliary: everyKind,
      pageSize: 3,
    },
    knobs: { lagMs: [0, 60_000] },
  }),
)

// As GCE and ARM: the name is the key, the platform ends what is late, a stopped machine keeps billing.
describeProvider(
  simTarget('sim: names, platform deadline, power-off stops and bills', {
    traits: { idempotency: 'name', platformTtl: true, poweroff: 'stops-and-bills', auxiliary: everyKind },
    knobs: { leftovers: { disk: 1, address: 0.5 }, deleteMs: [20_000, 90_000] },
  }),
)

describeProvider(
  simTarget('sim: tag look-up, lagging list, clock ahead, throttled', {
    traits: { idempotency: 'tag-lookup', listing: 'eventual', settleMs: 10_000, launchBatchMax: 4 },
    knobs: {
      lagMs: [0, 10_000],
      skewMs: 90_000,
      rates: { launch: { burst: 4, perSecond: 2 }, read: { burst: 20, perSecond: 20 } },
    },
  }),
)

// The least that a cloud can do.
describeProvider(
  simTarget('sim: no marks, no guard, no console, no spot', {
    traits: { verbs: { mark: false, guard: false }, console: 'none', auxiliary: [], guests: ['linux'] },
    knobs: { chances: { terminate: { 'not-found': 0.3 } } },
  }),
)
