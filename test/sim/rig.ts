import { deepEqual } from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Log, LogFields } from '@agentctl/contract'
import { type AtBoundary, createSim, type Knobs, type Sim, type Traits } from '@agentctl/provider-sim'
import { assemble } from '../../src/config/assemble.ts'
import { parseConfig } from '../../src/config/document.ts'
import { type Journal, openJournal } from '../../src/journal/journal.ts'
import { openLock } from '../../src/journal/lock.ts'
import type { Context } from '../../src/operations/context.ts'
import type { Check } from '../../src/operations/doctor-check.ts'
import { checkPoolOf } from '../../src/operations/doctor-pool.ts'
import { type ProvisionRequest, type ProvisionResult, provision } from '../../src/operations/provision.ts'
import { type Reaped, reap } from '../../src/operations/reap.ts'
import { loadCoordinator } from '../../src/providers/coordinators.ts'
import { stateInMemory } from './memory.ts'
import { createHub, type HubOptions, type SimHub } from './queue.ts'
import { type Allowance, violationsOf } from './violations.ts'

export const owner = 'acme'
const token = 'registration-token-0123456789'
const minute = 60_000
/** The journal commits to disk: in memory that costs a tenth. */
const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** As in agentctl.yml. */
export interface PoolSection {
  readonly capacity?: Readonly<Record<string, unknown>>
  readonly timeouts?: Readonly<Record<string, string>>
  readonly attempts?: number
  readonly shared?: boolean
  readonly 'token-delivery'?: 'inline' | 'presigned'
  readonly 'token-bucket'?: string
  readonly agent?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
}

export interface RigOptions extends Partial<HubOptions> {
  readonly stopsUnservableJobs?: boolean
  readonly traits?: Partial<Traits>
  readonly knobs?: Partial<Knobs>
  readonly seed?: string
  readonly pool?: PoolSection
  readonly pools?: readonly PoolSection[]
  readonly spec?: Readonly<Record<string, unknown>>
  /** Without it nobody says who is online. */
  readonly hasApiToken?: boolean
  readonly binding?: 'job' | 'queue'
  /** Machines over all pools. */
  readonly max?: number
  /** Journals and locks are on no disk. */
  readonly isInMemory?: boolean
  /** In place of the hub in memory. */
  readonly hubOn?: (clock: Clock) => SimHub
}

/** A cloud, a hub and any number of controllers on one virtual clock and one journal. */
export interface Rig extends Disposable {
  readonly sim: Sim
  readonly hub: SimHub
  readonly lines: string[]
  /** How far the clocks of the controllers' hosts are ahead of the true time. */
  setClock(hostAheadMs: number): void
  /** Lines begin with the seconds since then. */
  readonly startedAt: number
  provision(request?: Partial<ProvisionRequest>, process?: Process): Promise<ProvisionResult>
  reap(process?: Process): Promise<Reaped>
  /** For any other operation. */
  context(process?: Process): Context
  /** The doctor's checks of the first pool, with a probe. */
  probe(wake?: AbortSignal): Promise<readonly Check[]>
  /** Moves the time on until the task has ended. */
  drive<T>(task: Promise<T>, limitMs?: number): Promise<T>
  run(request?: Partial<ProvisionRequest>): Promise<ProvisionResult>
  process(interception?: Interception): Process
  /** What does not hold at the end, of all that has to; in words. */
  violations(options?: Allowance): string[]
  /** @throws where something does not hold */
  check(options?: { readonly concurrency?: number }): void
}

/** A controller. Once it is dropped, others take its process for dead. */
export interface Process extends Interception {
  readonly pid: number
  drop(): void
}

/** What stands between an engine and the world, to let it die there by throwing. */
export interface Interception {
  readonly journalOf?: (journal: Journal) => Journal
  readonly atBoundary?: AtBoundary
  /** A host of its own: another journal. */
  readonly host?: string
  /** The registration token, which is a part of every request. */
  readonly token?: string
  /** The configuration of its pools is another one. */
  readonly pool?: PoolSection
  /** Aborted when it has to leave at once. */
  readonly signal?: AbortSignal
  /** Its host is slow: it sleeps for at least so long. Unit: milliseconds. */
  readonly sleepMsMin?: number
}

export function createRig(options: RigOptions = {}): Rig {
  const { traits, knobs, seed = 'rig', count = 1, hasApiToken = true } = options
  const folder = mkdtempSync(join(memoryFolder, 'agentctl-sim-'))
  const state = options.isInMemory ? stateInMemory() : { openJournal, openLock, [Symbol.dispose]() {} }
  const lines: string[] = []
  let script: SimHub['guest'] | undefined
  const sim = createSim({
    seed,
    traits: { settleMs: 2_000, userDataBytesMax: 1_000_000, ...traits },
    ...(knobs && { knobs }),
    guest: machine => (script ?? Promise.resolve)(machine) as Promise<void>,
  })
  const hub =
    options.hubOn?.(sim.clock) ??
    createHub(sim.clock, { agentTimeoutMs: minute, dice: sim.cloud.dice.fork('hub'), ...options, count })
  script = hub.guest

  const { pools = [options.pool ?? {}], spec } = options
  const named = pools.map((pool, at) => [at === 0 ? 'p' : `p${at}`, pool] as const)
  const names = named.map(([name]) => name)
  const configOf = (change: PoolSection = {}) =>
    assemble({
      document: parseConfig(
        JSON.stringify({
          owner,
          ...(options.max !== undefined && { capacity: { max: options.max } }),
          endpoint: 'hub.example',
          'stop-unservable-jobs': options.stopsUnservableJobs ?? false,
          ...(hasApiToken && { 'api-token': 'env:API' }),
          'agent-types': { 's1-x': { token: 'env:TOKEN', binding: options.binding ?? 'job', pools: names } },
          pools: Object.fromEntries(
            named.map(([name, pool]) => [
              name,
              {
                provider: 'sim',
                capacity: { max: 1000 },
                timeouts: { boot: '2m', agent: '1m', idle: '1m', job: '10m', total: '15m' },
                ...pool,
                ...change,
                spec: { region: 'sim-1', guest: 'process', ...spec, ...pool.spec, ...change.spec },
              },
            ]),
          ),
        }),
        'agentctl.yml',
      ),
      flags: {},
      env: {},
      userName: 'me',
      hostName: 'here',
    })
  const config = configOf()
  let hostAheadMs = 0
  const hostNow = () => sim.clock.now() + hostAheadMs
  const startedAt = sim.clock.now()
  const dead = new Set<number>()
  let pids = 100

  function newProcess(interception: Interception = {}): Process {
    const pid = ++pids
    return { ...interception, pid, drop: () => void dead.add(pid) }
  }

  function contextOf(process: Process): Context {
    const { pid, journalOf = journal => journal, atBoundary, signal = new AbortController().signal } = process
    const { settings, locate } = process.pool ? configOf(process.pool) : config
    const write = (message: string, fields: LogFields = {}) => {
      const at = ((sim.clock.now() - startedAt) / 1000).toFixed(1)
      lines.push(`${at} ${message} ${JSON.stringify(fields)}`)
    }
    const log: Log = { debug: write, info: write, warn: write }
    return {
      settings,
      locate,
      plugins: [
        {
          name: '@agentctl/provider-sim',
          version: '1.0.0',
          type: 'core',
          root: '/',
          pjson: { agentctl: { contract: 1, provider: 'sim', entry: 'index.js' } },
        },
      ],
      version: '0.0.0',
      log,
      signal,
      effects: {
        clock: {
          now: hostNow,
          sleep: (ms, signal) => sim.clock.sleep(Math.max(ms, process.sleepMsMin ?? 0), signal),
        },
        random: sim.cloud.dice.fork(`process ${pid}`),
        env: {
          AGENTCTL_STATE_DIR: join(folder, process.host ?? ''),
          TOKEN: process.token ?? token,
          API: 'api-token-0123456789',
        },
        home: '/nowhere',
        hostName: 'here',
        pid,
        isAlive: other => !dead.has(other),
        loadProvider: async () => sim.host(atBoundary, () => hostAheadMs).module,
        loadCoordinator,
        openJournal: (at, now) => journalOf(state.openJournal(at, now)),
        openLock: state.openLock,
        readQueue: () => hub.queue(),
        readAgents: () => hub.agents(),
        readJob: async (_address, id) => hub.job(id),
        stopJob: (_address, id) => hub.stop(id),
      },
    }
  }

  const rig: Rig = {
    sim,
    hub,
    lines,
    startedAt,
    setClock(ms) {
      hostAheadMs = ms
    },
    process: newProcess,
    context: (process = newProcess()) => contextOf(process),
    provision: (request = {}, process = newProcess()) =>
      provision(contextOf(process), {
        pools: names,
        demand: { kind: 'queued' },
        concurrency: 1000,
        isDetached: false,
        patienceMs: 30 * minute,
        intent: () => 'run',
        wake: new AbortController().signal,
        onTick: () => undefined,
        ...request,
      }),
    reap: (process = newProcess()) => reap(contextOf(process), { dryRun: false, max: 1000, freezeShare: 1 }),
    probe: async (wake = new AbortController().signal) => {
      const { p: pool } = config.settings.pools
      const context = contextOf(newProcess())
      return pool ? checkPoolOf(context, context, pool, { isProbing: true, wake }) : []
    },
    drive: (task, limitMs) => sim.clock.drive(task, limitMs),
    run: request => rig.drive(rig.provision(request)),
    violations: allowance => violationsOf({ sim, owner, jobs: hub.jobs, lines, secrets: [token] }, allowance),
    check({ concurrency } = {}) {
      deepEqual(rig.violations({ ...(concurrency !== undefined && { mostMachines: concurrency }) }), [])
    },
    [Symbol.dispose]() {
      state[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return rig
}

/** How many wants stand how. */
export function tally({ wants }: Pick<ProvisionResult, 'wants'>): Readonly<Record<string, number>> {
  const groups = Object.groupBy(wants, one => one.state.state)
  return Object.fromEntries(Object.entries(groups).map(([state, of]) => [state, of.length]))
}

/** Attempts of launches that reached the cloud. */
export function machinesOf({ sim }: Pick<Rig, 'sim'>): number {
  return sim.cloud.ledger.lives.size
}
