import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hub, type HubOptions, startHub } from '@agentctl/plugin-devkit'
import { type Home, newHome } from '../../support/cli.ts'
import type { PlayedCloud } from '../guests.ts'
import { type Gce, startGce } from './index.ts'
import type { Knobs } from './knobs.ts'

/** A hub, an emulated Compute Engine, and a home whose configuration names both. */
export interface GceRound extends AsyncDisposable {
  readonly hub: Hub
  readonly gce: Gce
  readonly home: Home
}

interface RoundOptions {
  readonly hub: HubOptions
  readonly knobs?: Partial<Knobs>
  readonly spec?: Readonly<Record<string, unknown>>
  readonly pool?: Readonly<Record<string, unknown>>
  readonly hasApiToken?: boolean
}

export async function newGceRound(options: RoundOptions): Promise<GceRound> {
  const { spec, pool, hasApiToken = true } = options
  const hub = await startHub({ knobs: { syncMs: 200 }, ...options.hub })
  const gce = await startGce({ pageMax: 40, ...options.knobs })
  const home = newHome({ ...gce.env, TOKEN: hub.token, API: hub.apiToken })
  const config = {
    owner: 'test-ci',
    endpoint: hub.endpoint,
    'no-https': true,
    ...(hasApiToken && { 'api-token': 'env:API' }),
    'agent-types': { [hub.agentType]: { token: 'env:TOKEN', binding: 'job', pools: ['gce'] } },
    pools: {
      gce: {
        provider: 'gcp',
        capacity: { max: 200 },
        timeouts: { boot: '4m', agent: '4m', idle: '1m', job: '10m', total: '30m' },
        agent: { binary: '/opt/semaphore/agent/agent' },
        ...pool,
        spec: { region: 'test-west1', types: ['e2-small'], image: 'family/agent', ...spec },
      },
    },
  }
  // JSON is YAML.
  writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))
  return {
    hub,
    gce,
    home,
    async [Symbol.asyncDispose]() {
      await hub.close()
      home[Symbol.dispose]()
      await gce[Symbol.asyncDispose]()
    },
  }
}

/** As its guests see it. */
export function played(gce: Gce): PlayedCloud {
  // A guest has read its user data by the time that somebody takes it away.
  const read = new Map<string, Uint8Array>()
  return {
    async running() {
      const running = gce.guests().filter(({ status }) => status === 'RUNNING')
      return running.map(({ id, userData = read.get(id) ?? new Uint8Array() }) => {
        read.set(id, userData)
        return { id, index: 0, userData }
      })
    },
    powerOff: async id => gce.powerOff(id),
    reclaim: async id => gce.preempt(id),
    write: (id, text) => gce.writeConsole(id, text),
  }
}
