import type { JobRecord, Wait } from '../fleet/records.ts'
import { type Life, type Step, steps } from './life.ts'
import { outcomeOf } from './outcome.ts'

/**
 * `unknown`: nobody here has seen it. `waiting`: it is queued. `starting`, `running`: a machine is on its way, or has it.
 * `finished`, `failed`: so ended its last machine. `left`: it left its queue without a machine of ours: another agent
 * took it, or it was cancelled.
 */
export type WayState = 'unknown' | 'waiting' | 'starting' | 'running' | 'finished' | 'failed' | 'left'

export interface WayStep {
  readonly at: number
  /** Since the job was first seen. Unit: milliseconds. */
  readonly afterMs: number
  /** The machine that it is about, by its attempt. */
  readonly attempt?: number
  readonly what: string
  /** For a wait: when it was over, left out while it goes on. */
  readonly until?: number
}

/** One job's way, as far as it is known. */
export interface Way {
  readonly jobId: string
  readonly agentType?: string
  readonly state: WayState
  /** Where it stands, and why, in a sentence. */
  readonly summary: string
  readonly steps: readonly WayStep[]
  readonly machines: readonly Life[]
}

/** What a look at hub and clouds says of it now. */
export type Now =
  | { readonly isListed: boolean; readonly wait?: Wait; readonly plan?: string }
  | { readonly unseen: string }

export interface WayFacts {
  readonly jobId: string
  readonly job: JobRecord | undefined
  readonly lives: readonly Life[]
  /** Left out where nobody looked. */
  readonly look?: Now
  readonly now: number
}

export function wayOf(facts: WayFacts): Way {
  const { jobId, job, lives } = facts
  const agentType = job?.agentType ?? lives[0]?.agentType
  const told = [...jobSteps(facts), ...lives.flatMap(lifeSteps)].toSorted((a, b) => a.at - b.at)
  const first = told[0]?.at ?? 0
  const state = stateOf(facts)
  return {
    jobId,
    ...(agentType !== undefined && { agentType }),
    state,
    summary: summaryOf(state, facts),
    steps: told.map(step => ({ ...step, afterMs: step.at - first })),
    machines: lives,
  }
}

function stateOf({ job, lives, look }: WayFacts): WayState {
  const last = lives.at(-1)
  const isListed = look && 'isListed' in look ? look.isListed : job !== undefined && job.leftAt === undefined
  const outcome = last && outcomeOf(last)
  if (outcome === 'alive') return last?.times.jobTaken === undefined ? 'starting' : 'running'
  if (outcome === 'served') return 'finished'
  if (isListed) return 'waiting'
  if (outcome === 'failed') return 'failed'
  return job === undefined && last === undefined ? 'unknown' : 'left'
}

function summaryOf(state: WayState, { job, lives, look }: WayFacts): string {
  const last = lives.at(-1)
  const unseen = look && 'unseen' in look ? ` Hub and clouds could not be asked: ${look.unseen}.` : ''
  switch (state) {
    case 'unknown':
      return `Neither this host's journal nor the queue knows it.${unseen}`
    case 'waiting':
      return `It waits. ${waitingFor(job, look)}${unseen}`
    case 'starting':
      return `${machineOf(last)} is on its way: ${last?.phase}.`
    case 'running':
      return `It runs on ${machineOf(last)}.`
    case 'finished':
      return `It ran on ${machineOf(last)}.`
    case 'failed':
      return `${machineOf(last)} did not serve it: ${last?.reason ?? 'unknown'}${last?.detail ? `: ${last.detail}` : ''}.`
    case 'left':
      return 'It left its queue without a machine from here: another agent took it, or it was cancelled.'
  }
}

function waitingFor(job: JobRecord | undefined, look: Now | undefined): string {
  const last = job?.waits.at(-1)
  const wait = look && 'isListed' in look ? look.wait : last?.until === undefined ? last : undefined
  if (look && 'isListed' in look && look.plan !== undefined)
    return `The next run launches for it: ${look.plan}.`
  if (wait) return `${wait.code}: ${wait.why}.`
  if (look && 'isListed' in look)
    return 'No command has seen it yet: is capacity run, or capacity serve, at work?'
  return 'Why is not written down: no command has planned for it since.'
}

function machineOf(life: Life | undefined): string {
  return life?.instanceId ?? life?.name ?? 'a machine'
}

type Told = Omit<WayStep, 'afterMs'>

function jobSteps({ job }: WayFacts): readonly Told[] {
  if (!job) return []
  return [
    { at: job.queuedAt, what: `first seen in the queue of ${job.agentType}` },
    ...job.waits.map(({ since, until, code, why }) => ({
      at: since,
      what: `waits: ${code}: ${why}`,
      ...(until !== undefined && { until }),
    })),
    ...(job.leftAt === undefined ? [] : [{ at: job.leftAt, what: 'left the queue' }]),
  ]
}

const words: Readonly<Partial<Record<Step, string>>> = {
  booted: 'booted',
  agentStarted: 'agent started',
  registered: 'agent registered',
  jobTaken: 'job taken',
  jobFinished: 'job finished',
  poweredOff: 'powered off',
}

function lifeSteps(life: Life): readonly Told[] {
  const { attempt, times, refusals, pool, offering, why, reason, detail } = life
  const step = (at: number | undefined, what: string) => (at === undefined ? [] : [{ at, attempt, what }])
  const ended = `${reason ?? 'ended'}${detail ? `: ${detail}` : ''}`
  return [
    ...step(times.decided, `decided: ${offering} of ${pool}${why === undefined ? '' : `, since ${why}`}`),
    ...refusals.flatMap(one => step(one.at, `the cloud refused: ${one.code}: ${one.message}`)),
    ...step(times.accepted, `accepted as ${life.instanceId ?? life.name}, ${tries(life)}`),
    ...steps.flatMap(name => step(words[name] === undefined ? undefined : times[name], words[name] ?? '')),
    ...step(times.gone, times.accepted === undefined ? `given up: ${ended}` : `gone: ${ended}`),
  ]
}

function tries({ tries: count }: Life): string {
  return count === 1 ? 'at the first call' : `after ${count} calls`
}
