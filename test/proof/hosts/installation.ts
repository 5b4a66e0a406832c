import type { Log, LogFields } from '@agentctl/contract'
import { createSim, createSimCoordinator, type Sim, type SimCoordinator } from '@agentctl/provider-sim'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import type { Loaded } from '../../../src/config/index.ts'
import { createHub, type Job, type SimHub } from '../../sim/queue.ts'
import { feeds, type HostStory } from './story.ts'

export const owner = 'acme'
export const secrets = ['registration-token-0123456789', 'api-token-0123456789'] as const
const minute = 60_000

/** One installation: a cloud, a coordinator, and the hub with a queue for each agent type, on one virtual clock. */
export interface Installation {
  readonly story: HostStory
  readonly sim: Sim
  readonly coordinator: SimCoordinator
  readonly hubs: ReadonlyMap<string, SimHub>
  readonly settings: Loaded['settings']
  readonly locate: Loaded['locate']
  readonly lines: string[]
  /** Lines begin with the seconds since then. */
  readonly startedAt: number
  logOf(host: string): Log
  jobs(): ReadonlyMap<string, Job>
}

export function createInstallation(story: HostStory): Installation {
  const hubs = new Map<string, SimHub>()
  const sim = createSim({
    seed: story.seed,
    traits: { settleMs: 2_000, userDataBytesMax: 1_000_000, ...story.traits },
    knobs: story.knobs,
    guest: machine => hubs.get(machine.ownership.agentType)?.guest(machine) ?? Promise.resolve(),
  })
  for (const [at, type] of Object.keys(feeds).entries()) {
    const options = { dice: sim.cloud.dice.fork(`hub ${type}`), agentChances: story.agents }
    const { count, ms } = story.jobs
    hubs.set(
      type,
      createHub(sim.clock, {
        ...{ ...options, count, jobMs: ms, firstNumber: 1 + at * 1000, agentTimeoutMs: minute },
      }),
    )
  }
  const lines: string[] = []
  const startedAt = sim.clock.now()
  return {
    ...{ story, sim, hubs, lines, startedAt, ...configOf(story) },
    coordinator: createSimCoordinator({
      clock: sim.clock,
      dice: sim.cloud.dice.fork('coordinator'),
      knobs: story.coordinator,
    }),
    logOf(host) {
      const write = (message: string, fields: LogFields = {}) => {
        const at = ((sim.clock.now() - startedAt) / 1000).toFixed(1)
        lines.push(`${at} ${host}: ${message} ${JSON.stringify(fields)}`)
      }
      return { debug: write, info: write, warn: write }
    },
    jobs: () => new Map([...hubs.values()].flatMap(hub => [...hub.jobs])),
  }
}

function configOf({ max, hasApiToken, binding }: HostStory): Loaded {
  const pool = {
    provider: 'sim',
    capacity: { max },
    // Short, for what waits for a deadline is most of a story.
    timeouts: { boot: '2m', agent: '1m', idle: '1m', job: '5m', total: '8m' },
    spec: { region: 'sim-1', guest: 'process', zones: ['a', 'b'], market: ['spot', 'on-demand'] },
  }
  const pools = new Set(Object.values(feeds).flat())
  const document = {
    owner,
    capacity: { max },
    endpoint: 'hub.example',
    ...(hasApiToken && { 'api-token': 'env:API' }),
    'agent-types': Object.fromEntries(
      Object.entries(feeds).map(([type, of]) => [type, { token: 'env:TOKEN', binding, pools: of }]),
    ),
    pools: Object.fromEntries([...pools].map(name => [name, pool])),
  }
  return assemble({
    document: parseConfig(JSON.stringify(document), 'agentctl.yml'),
    flags: {},
    env: {},
    userName: 'me',
    hostName: 'here',
  })
}
