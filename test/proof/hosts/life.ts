import type { Provider, ProviderModule } from '@agentctl/contract'
import { createDice } from '@agentctl/provider-sim'
import type { CapacityTick } from '../../../src/operations/capacity.ts'
import type { Context } from '../../../src/operations/context.ts'
import { serveTogether } from '../../../src/operations/together/serve-together.ts'
import type { Installation } from './installation.ts'
import { owner, secrets } from './installation.ts'
import type { Seat } from './seat.ts'
import type { HostWitness } from './witness.ts'

/** A host from its start to its end, as `capacity serve` is one. */
export interface Life {
  readonly seat: Seat
  readonly last: () => CapacityTick | undefined
  /** Loads the same configuration anew, as SIGHUP does. */
  reload(): void
  /** As SIGTERM does, once it is awake. */
  stop(): void
  /** Settles when it has ended by itself, with what it failed of; never for one that died. */
  readonly ended: Promise<unknown>
}

export function startLife(stage: Installation, seat: Seat, witness: HostWitness): Life {
  const stopping = new AbortController()
  let isReloading = false
  let last: CapacityTick | undefined
  const context = contextOf(stage, seat, witness)
  const { clock, random } = context.effects
  const serve = async () => {
    const deps = {
      owner,
      address: 'sim:',
      host: seat.host,
      version: '1.0.0',
      clock,
      random,
      log: context.log,
    }
    await using coordinator = await seat.coordinator.module.open(deps)
    await serveTogether(context, coordinator, {
      wake: stopping.signal,
      async renewed() {
        const isDue = isReloading
        isReloading = false
        return isDue ? context : undefined
      },
      onTick: async tick => {
        last = tick
      },
      onTrouble: error => context.log.warn('Trouble', { code: error.code, why: error.message }),
      onReload: async () => undefined,
      onHost: async facts => witness.beat(seat, facts),
    })
  }
  return {
    seat,
    last: () => last,
    reload() {
      isReloading = true
    },
    stop: () => void seat.awake().then(() => stopping.abort()),
    ended: serve().then(
      () => undefined,
      error => error,
    ),
  }
}

function contextOf(stage: Installation, seat: Seat, witness: HostWitness): Context {
  const { settings, locate, hubs } = stage
  const hubOf = (type: string) => {
    const hub = hubs.get(type)
    if (!hub) throw new Error(`There is no agent type ${type}`)
    return hub
  }
  const hubOfJob = (id: string) => [...hubs.values()].find(hub => hub.jobs.has(id)) ?? hubOf('s1-a')
  const asked = async <T>(question: string, ask: () => Promise<T>): Promise<T> => {
    await seat.pass(`before-send ${question}`)
    try {
      return await ask()
    } finally {
      await seat.pass(`answered ${question}`)
    }
  }
  const unused = (): never => {
    throw new Error('A host of a coordinator has no journal of its own')
  }
  return {
    settings,
    locate,
    version: '1.0.0',
    plugins: [
      {
        name: '@agentctl/provider-sim',
        version: '1.0.0',
        type: 'core',
        root: '/',
        pjson: { agentctl: { contract: 1, provider: 'sim', entry: 'index.js' } },
      },
    ],
    log: stage.logOf(seat.host),
    signal: new AbortController().signal,
    effects: {
      clock: seat.clock,
      random: createDice(`${stage.story.seed}/${seat.host}/${stage.sim.clock.now()}`),
      env: { AGENTCTL_STATE_DIR: '/nowhere', TOKEN: secrets[0], API: secrets[1] },
      home: '/nowhere',
      hostName: seat.host,
      pid: 1,
      isAlive: () => true,
      loadProvider: async () => watched(seat, witness),
      loadCoordinator: unused,
      openJournal: unused,
      openLock: unused,
      readQueue: (_address, type) => asked('queue', () => hubOf(type).queue()),
      readAgents: (_address, type) => asked('agents', () => hubOf(type).agents()),
      readJob: (_address, id) => asked('job', () => hubOfJob(id).job(id)),
      stopJob: (_address, id) => asked('stop-job', () => hubOfJob(id).stop(id)),
    },
  }
}

/** The simulated provider, whose calls that change anything are seen. */
function watched(seat: Seat, witness: HostWitness): ProviderModule {
  const { module } = seat.cloud
  return {
    ...module,
    async open(deps) {
      const provider: Provider = await module.open(deps)
      return {
        ...provider,
        launch(request, call) {
          witness.launching(seat, request)
          return provider.launch(request, call)
        },
        terminate(ref, call) {
          witness.terminating()
          return provider.terminate(ref, call)
        },
      }
    },
  }
}
