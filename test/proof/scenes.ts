import type { Story } from './story.ts'

const second = 1_000
const minute = 60 * second

const calm: Omit<Story, 'seed' | 'kind' | 'acts'> = {
  traits: {},
  knobs: {},
  jobs: { count: 3, ms: 4 * second },
  binding: 'job',
  hasApiToken: true,
  isShared: false,
  max: 2,
  agents: { replyLost: 0, again: 0 },
  happenings: [],
}
const alone = { losesJournal: false, isElsewhere: false, isBeside: false, afterMs: 0 } as const
const quick = { bootMs: [3 * second, 5 * second], deleteMs: [second, 2 * second] } as const

/**
 * Fixed stories, short ones. Their last controller is the one that dies: it launches, guards, terminates and sweeps,
 * meets a stock-out, a boot that fails, and what others left behind.
 */
export const scenes: Readonly<Record<string, Omit<Story, 'seed'>>> = {
  'provision by names': {
    ...calm,
    kind: 'name',
    traits: { idempotency: 'name', poweroff: 'stops', isGuardNeeded: true, settleMs: 2 * second },
    knobs: { ...quick, stock: { 'small/a/spot': 1 }, leftovers: { disk: 0.4 } },
    acts: [{ ...alone, command: 'provision' }],
  },
  'provision in batches, where lists lag': {
    ...calm,
    kind: 'token',
    traits: {
      ...{ launchBatchMax: 3, listing: 'eventual', settleMs: 5 * second, poweroff: 'deletes' },
      ...{ endedShownMs: 2 * minute, zoneScopedTokens: true, isGuardNeeded: true },
      auxiliary: ['disk', 'interface'],
    },
    knobs: { ...quick, lagMs: [0, 5 * second], leftovers: { interface: 0.4 } },
    max: 3,
    acts: [{ ...alone, command: 'provision' }],
  },
  'provision that is told to stop': {
    ...calm,
    kind: 'name',
    traits: { idempotency: 'name', poweroff: 'stops-and-bills', settleMs: 2 * second },
    knobs: quick,
    acts: [{ ...alone, command: 'provision', stopsAfterMs: 9 * second }],
  },
  'capacity with a machine for each job': {
    ...calm,
    kind: 'tag look-up',
    traits: { idempotency: 'tag-lookup', listing: 'eventual', launchBatchMax: 2, settleMs: 5 * second },
    knobs: {
      ...quick,
      lagMs: [0, 5 * second],
      bootFailure: { chance: 0.3, text: 'cloud-init: no such image' },
    },
    acts: [{ ...alone, command: 'capacity', forMs: 40 * second }],
  },
  'capacity with machines for any job': {
    ...calm,
    kind: 'name',
    traits: { idempotency: 'name', isGuardNeeded: true },
    knobs: quick,
    binding: 'queue',
    acts: [{ ...alone, command: 'capacity', forMs: 30 * second, stopsAfterMs: 25 * second }],
  },
  'reap of what was left': {
    ...calm,
    kind: 'name, billed when off',
    traits: {
      ...{ idempotency: 'name', poweroff: 'stops-and-bills', settleMs: 2 * second },
      auxiliary: ['disk', 'address'],
    },
    knobs: { ...quick, wedgedChance: 0.5, leftovers: { address: 0.5 } },
    acts: [
      { ...alone, command: 'provision', diesAt: 'answered console' },
      { ...alone, command: 'reap', afterMs: 9 * minute },
    ],
  },
}
