import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hub, type HubOptions, startHub } from '@agentctl/plugin-devkit'
import { type Home, newHome } from '../../support/cli.ts'
import type { PlayedCloud } from '../guests.ts'
import { type Arm, location, startArm } from './index.ts'
import type { Knobs } from './knobs.ts'

/** A hub, an emulated Azure, and a home whose configuration names both. */
export interface ArmRound extends AsyncDisposable {
  readonly hub: Hub
  readonly arm: Arm
  readonly home: Home
}

interface RoundOptions {
  readonly hub: HubOptions
  readonly knobs?: Partial<Knobs>
  readonly spec?: Readonly<Record<string, unknown>>
}

export async function newArmRound(options: RoundOptions): Promise<ArmRound> {
  const hub = await startHub({ knobs: { syncMs: 200 }, ...options.hub })
  const arm = await startArm({ pageMax: 20, coresMax: 1000, ...options.knobs })
  const home = newHome({ ...arm.env, TOKEN: hub.token, API: hub.apiToken })
  const config = {
    owner: 'test-ci',
    endpoint: hub.endpoint,
    'no-https': true,
    'api-token': 'env:API',
    'agent-types': { [hub.agentType]: { token: 'env:TOKEN', binding: 'job', pools: ['azure'] } },
    pools: {
      azure: {
        provider: 'azure',
        capacity: { max: 200 },
        timeouts: { boot: '4m', agent: '4m', idle: '1m', job: '10m', total: '30m' },
        agent: { binary: '/opt/semaphore/agent/agent' },
        spec: {
          location,
          'resource-group': arm.group,
          image: 'Canonical:ubuntu-24_04-lts:server:latest',
          sizes: ['Standard_D2s_v5'],
          subnet: arm.subnetId,
          'public-address': true,
          ...options.spec,
        },
      },
    },
  }
  // JSON is YAML.
  writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))
  return {
    hub,
    arm,
    home,
    async [Symbol.asyncDispose]() {
      await hub.close()
      home[Symbol.dispose]()
      await arm[Symbol.asyncDispose]()
    },
  }
}

/** As its guests see it. */
export function played(arm: Arm): PlayedCloud {
  return {
    running: async () =>
      arm
        .guests()
        .filter(({ power, provisioning }) => power === 'running' && provisioning !== 'Deleting')
        .map(({ id, userData }) => ({ id, index: 0, userData })),
    powerOff: async id => arm.powerOff(id),
    reclaim: async id => arm.evict(id),
    write: (id, text) => arm.writeConsole(id, text),
  }
}
