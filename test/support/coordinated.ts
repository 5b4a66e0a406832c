import type { Coordinator, Log } from '@agentctl/contract'
import { createSimCoordinator, type SimCoordinator } from '@agentctl/provider-sim'
import { assemble } from '../../src/config/assemble.ts'
import { parseConfig } from '../../src/config/document.ts'
import { type Context, systemEffects } from '../../src/operations/context.ts'

const log: Log = { debug() {}, info() {}, warn() {} }

export interface Coordinated {
  readonly coordinator: SimCoordinator
  /** What a command is given that is configured for it; `change` is laid over the configuration. */
  context(change?: Readonly<Record<string, unknown>>): Context
  /** A host that is alive. */
  host(name: string, version?: string, aheadMs?: number): Promise<Coordinator>
}

const plugin = {
  name: 'coordinator-sim',
  version: '1.0.0',
  type: 'core',
  root: '/',
  pjson: { agentctl: { contract: 1, coordinator: 'sim', schemes: ['sim'], entry: 'index.js' } },
}

/** A test with a coordinator in memory and commands beside it, with no cloud and no hub, on virtual time. */
export function coordinated(story: (around: Coordinated) => Promise<void>): () => Promise<void> {
  return () => {
    const around = newAround()
    return around.coordinator.clock.drive(story(around))
  }
}

function newAround(): Coordinated {
  const coordinator = createSimCoordinator()
  const { clock } = coordinator
  return {
    coordinator,
    context(change = {}) {
      const text = JSON.stringify({ owner: 'acme', coordinator: 'sim://here', ...change })
      const { settings, locate } = assemble({
        ...{ document: parseConfig(text, 'agentctl.yml'), flags: {}, env: {} },
        ...{ userName: 'me', hostName: 'here', needsEndpoint: false, needsPools: false },
      })
      const effects = { ...systemEffects(), clock, env: {}, home: '/nowhere', hostName: 'desk' }
      return {
        ...{ settings, locate, log, plugins: [plugin], version: '1.0.0' },
        signal: new AbortController().signal,
        effects: { ...effects, loadCoordinator: async () => coordinator.host().module },
      }
    },
    async host(name, version = '1.0.0', aheadMs = 0) {
      const own = { ...clock, now: () => clock.now() - aheadMs }
      const deps = { owner: 'acme', address: 'sim://here', host: name, version, clock: own, log }
      const life = await coordinator.host().module.open({ ...deps, random: { next: () => 0.5 } })
      await life.beat({ machines: 0 })
      return life
    },
  }
}
