import { spawnSync } from 'node:child_process'
import type { ExpectStatic } from 'vitest'
import { type Running, until } from '../support/cli.ts'
import { damage, startAgain } from './corrupt.ts'
import type { Scene } from './scene.ts'
import type { SmallDisk } from './small-disk.ts'
import { whileItSleeps, whileItSleepsWithTheLock } from './suspended.ts'

/** What a death may lay hands on. */
export interface Stage {
  readonly scene: Scene
  readonly victim: Running
  /** Under its journal, where the death wants one. */
  readonly disk: SmallDisk | undefined
  readonly expect: ExpectStatic
}

/** Where the list is played: on processes, on a real engine, on an emulated EC2. */
const providers = ['local', 'docker', 'aws'] as const
type Provider = (typeof providers)[number]

/** A way for a controller to come to a bad end: data for one story on each provider. */
export interface Death {
  readonly name: string
  /** Default: `provision`, with fewer machines at once than there are jobs. */
  readonly command?: readonly string[]
  /** When it strikes: the journal is there, a launch is under way, or a job runs. */
  readonly at: 'start' | 'launch' | 'job'
  readonly on?: 'terminal' | 'small disk'
  readonly strike: (stage: Stage) => void | Promise<void>
  readonly end: { readonly code: number; readonly says?: RegExp } | { readonly signal: NodeJS.Signals }
  /** Where `npm test` plays it: on processes if left out. AGENTCTL_KILLS_ALL plays it everywhere. */
  readonly usuallyOn?: readonly Provider[]
  /** From its strike, or its awakening, to its end; most are told to take seconds. Default a minute. Unit: milliseconds. */
  readonly endMsMax?: number
  /** What a person does before the next command. */
  readonly mend?: (stage: Stage) => void | Promise<void>
}

/** Twice, and not so fast that they count as one. */
const twice = async ({ victim }: Stage) => {
  victim.child.kill('SIGINT')
  await until('the first is heard', () => victim.output().includes('again to leave at once'))
  victim.child.kill('SIGINT')
}

const by =
  (signal: NodeJS.Signals) =>
  ({ victim }: Stage) =>
    void victim.child.kill(signal)

/** No file, socket or process can be opened from now on: the first few descriptors are always in use. */
function closeAllDoors({ victim: { child } }: Stage): void {
  spawnSync('prlimit', ['--pid', String(child.pid), '--nofile=8:'])
}

const killed = { signal: 'SIGKILL' } as const
const leftRunning = /Left running[\s\S]*agentctl instances terminate/
const run = ['capacity', 'run', '--for', '60s', '--verbose']
const serve = ['capacity', 'serve', '--listen', 'none']

const deaths: readonly Death[] = [
  { name: 'SIGKILL as it begins', at: 'start', strike: by('SIGKILL'), end: killed },
  { name: 'SIGKILL in a launch', usuallyOn: providers, at: 'launch', strike: by('SIGKILL'), end: killed },
  { name: 'SIGKILL while jobs run', usuallyOn: providers, at: 'job', strike: by('SIGKILL'), end: killed },
  {
    name: 'a journal that is no database any more',
    at: 'job',
    strike: by('SIGKILL'),
    end: killed,
    mend: async stage => startAgain(stage, damage.overwritten),
  },
  {
    name: 'a journal with pages that are none',
    // On EC2 an empty journal first waits for a minute.
    usuallyOn: ['local', 'docker'],
    at: 'job',
    strike: by('SIGKILL'),
    end: killed,
    mend: async stage => startAgain(stage, damage.inTheMiddle),
  },
  { name: 'SIGTERM in a launch', at: 'launch', strike: by('SIGTERM'), end: { code: 143 } },
  {
    name: 'SIGTERM while jobs run',
    usuallyOn: providers,
    at: 'job',
    strike: by('SIGTERM'),
    end: { code: 143, says: leftRunning },
  },
  { name: 'Ctrl-C as it begins', at: 'start', strike: by('SIGINT'), end: { code: 130 } },
  { name: 'Ctrl-C while jobs run', at: 'job', strike: by('SIGINT'), end: { code: 130, says: leftRunning } },
  {
    name: 'Ctrl-C twice in a launch',
    at: 'launch',
    strike: twice,
    end: { code: 130, says: /Left at once[\s\S]*agentctl instances list, agentctl reap/ },
  },
  {
    name: 'Ctrl-C twice while jobs run',
    usuallyOn: providers,
    at: 'job',
    strike: twice,
    // With agents at work there is nothing to drain: it may have left before it is asked again.
    end: { code: 130, says: /Left (at once|running)[\s\S]*agentctl instances (list|terminate)/ },
  },
  {
    name: 'its terminal is closed',
    usuallyOn: providers,
    at: 'job',
    on: 'terminal',
    strike: by('SIGKILL'),
    end: { code: 129 },
  },
  {
    name: 'suspended with the lock as it launches, while another host takes over',
    at: 'launch',
    // Its launch is in doubt when it wakes up, and what it may have made holds its place for a minute.
    endMsMax: 150_000,
    usuallyOn: [],
    strike: whileItSleepsWithTheLock,
    end: { code: 0 },
  },
  {
    name: 'suspended between two looks, while cron of the same host takes over',
    at: 'job',
    strike: whileItSleeps,
    end: { code: 0 },
  },
  {
    name: 'no more file descriptors',
    usuallyOn: providers,
    at: 'job',
    strike: closeAllDoors,
    end: { code: 12, says: /Next: .*ulimit -n/ },
  },
  {
    name: 'a full disk',
    usuallyOn: providers,
    at: 'job',
    on: 'small disk',
    strike: ({ disk }) => disk?.fill(),
    end: { code: 12, says: /is full[\s\S]*Next: Free some space/ },
    mend: ({ disk }) => disk?.free(),
  },
  { name: 'SIGKILL of capacity run', command: run, at: 'job', strike: by('SIGKILL'), end: killed },
  { name: 'SIGTERM of capacity run', command: run, at: 'launch', strike: by('SIGTERM'), end: { code: 143 } },
  { name: 'SIGKILL of capacity serve', command: serve, at: 'launch', strike: by('SIGKILL'), end: killed },
  { name: 'SIGTERM of capacity serve', command: serve, at: 'job', strike: by('SIGTERM'), end: { code: 0 } },
  {
    name: 'the terminal of capacity serve is closed',
    command: serve,
    at: 'job',
    on: 'terminal',
    strike: by('SIGKILL'),
    end: { code: 0 },
  },
]

/** Deaths on providers that `npm run test:kills` plays, each with the built command line. */
export const killsCount = deaths.length * providers.length

const isThorough = process.env.AGENTCTL_KILLS_ALL !== undefined

/** Those that are played on a provider. */
export function deathsOn(provider: Provider): readonly Death[] {
  return deaths.filter(({ usuallyOn = ['local'] }) => isThorough || usuallyOn.includes(provider))
}
