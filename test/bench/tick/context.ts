import type { Clock } from '@agentctl/contract'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import { openJournal } from '../../../src/journal/journal.ts'
import { openLock } from '../../../src/journal/lock.ts'
import type { Context } from '../../../src/operations/context.ts'
import { loadCoordinator } from '../../../src/providers/coordinators.ts'
import type { BenchCloud } from './cloud.ts'

const owner = 'bench'

/** Everything real but the cloud, the hub and the time; nothing in it waits. */
export function benchContext(folder: string, clock: Clock, cloud: BenchCloud, machines: number): Context {
  const { settings, locate } = assemble({
    document: parseConfig(
      JSON.stringify({
        owner,
        endpoint: 'hub.example',
        'api-token': 'env:API',
        capacity: { max: machines },
        'agent-types': { 's1-x': { token: 'env:TOKEN', binding: 'job', pools: ['p'] } },
        pools: { p: { provider: 'bench', capacity: { max: machines }, spec: {} } },
      }),
      'agentctl.yml',
    ),
    flags: {},
    env: {},
    userName: 'me',
    hostName: 'here',
  })
  const pjson = { agentctl: { contract: 1, provider: 'bench', entry: 'index.js' } }
  return {
    settings,
    locate,
    plugins: [{ name: 'provider-bench', version: '1.0.0', type: 'core', root: '/', pjson }],
    version: '0.0.0',
    log: { debug() {}, info() {}, warn() {} },
    signal: new AbortController().signal,
    effects: {
      clock,
      random: { next: () => 0.5 },
      env: {
        AGENTCTL_STATE_DIR: folder,
        TOKEN: 'registration-token-0123456789',
        API: 'api-token-0123456789',
      },
      home: '/nowhere',
      hostName: 'here',
      pid: 1,
      isAlive: () => true,
      loadProvider: async () => cloud.module,
      loadCoordinator,
      openJournal,
      openLock,
      readQueue: async () => cloud.queue(),
      readAgents: async () => cloud.agents(),
      readJob: async () => ({ state: 'running' }),
      stopJob: async () => undefined,
    },
  }
}
