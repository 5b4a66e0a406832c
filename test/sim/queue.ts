import { type Clock, contractError } from '@agentctl/contract'
import { createDice, type Dice, type GuestScript, type Machine } from '@agentctl/provider-sim'
import type { JobSeen, Queue } from '../../src/fleet/picture.ts'
import { type Desk, liveOn } from './agent-life.ts'

export type JobState = 'queued' | 'running' | 'finished' | 'broken' | 'cancelled'

export interface Job {
  readonly id: string
  ms: number
  readonly queuedAt: number
  startedAt?: number
  /** When its machine went down under it. */
  lostAt?: number
  state: JobState
  /** Names of the agents that it was given to: never more than one. */
  readonly ran: string[]
}

/** A hub in memory, as the engine and the guests see it. */
export interface SimHub {
  readonly jobs: Map<string, Job>
  /** Jobs that may run at once; what is beyond is listed and refused. */
  ceiling: number
  /** Set, every question of the controller is answered with it. */
  outage: Error | undefined
  readonly asked: { queue: number; agents: number }
  refusals: number
  /** Time that agents have waited for any job. Unit: milliseconds. */
  idledMs: number
  /** The controller gets the answers that it got before. */
  isStale: boolean
  chances: AgentChances
  /** What went wrong with registrations, by name. */
  readonly faults: Map<string, number>
  /** Gets the reason of each agent's end. */
  onEnd: (reason: string) => void
  queue(): Promise<Queue>
  agents(): Promise<ReadonlyMap<string, 'idle' | 'busy'>>
  /** As the public API shows a job. */
  job(id: string): Promise<JobSeen>
  /** More jobs, queued now. */
  add(count: number, ms?: number): readonly Job[]
  cancel(id: string): void
  /** As the public API ends a job. */
  stop(id: string): Promise<void>
  /** Ids of jobs that were stopped, each time. */
  readonly stops: string[]
  counts(): Readonly<Record<JobState, number>>
  readonly guest: GuestScript
}

/** Chances in [0, 1]. */
export interface AgentChances {
  /** The answer to a registration is lost, so that the agent registers again. */
  readonly replyLost: number
  /** An agent that is done with its job registers once more. */
  readonly again: number
}

export interface HubOptions {
  readonly count: number
  /** Its jobs are numbered from here; default 1. */
  readonly firstNumber?: number
  readonly jobMs?: number
  /** From boot to the agent's start. */
  readonly agentMs?: number
  /** How long a refused agent tries again. */
  readonly agentTimeoutMs: number
  /** How long an agent waits for any job; default a minute. */
  readonly idleMs?: number
  readonly dice?: Dice
  readonly agentChances?: AgentChances
}

export function jobIdOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** The hub hands the oldest queued job to whoever may have it; the list shows the newest 500. */
export function createHub(
  clock: Clock,
  { count, jobMs = 60_000, firstNumber = 1, dice = createDice('hub'), ...options }: HubOptions,
): SimHub {
  const jobs = new Map<string, Job>(
    Array.from({ length: count }, (_, at) => jobIdOf(firstNumber + at)).map(id => [
      id,
      { id, ms: jobMs, queuedAt: clock.now(), state: 'queued', ran: [] },
    ]),
  )
  const online = new Map<string, 'idle' | 'busy'>()
  /** Those that may be in a state; who has left it falls out when it is looked at. */
  const maybe = { queued: new Set(jobs.values()), running: new Set<Job>() }
  const inState = (state: 'queued' | 'running') => {
    for (const job of maybe[state]) if (job.state !== state) maybe[state].delete(job)
    return [...maybe[state]]
  }
  const given = new Map<string, unknown>()
  const answer = <T>(question: string, value: () => T): T => {
    if (hub.outage) throw hub.outage
    if (!hub.isStale || !given.has(question)) given.set(question, value())
    else countIn(hub.faults, 'hub stale')
    return given.get(question) as T
  }

  const hub: SimHub = {
    jobs,
    ceiling: Number.POSITIVE_INFINITY,
    outage: undefined,
    isStale: false,
    chances: options.agentChances ?? { replyLost: 0, again: 0 },
    faults: new Map(),
    asked: { queue: 0, agents: 0 },
    refusals: 0,
    idledMs: 0,
    onEnd: () => undefined,
    async queue() {
      hub.asked.queue++
      return answer('queue', () => {
        const queued = inState('queued').map(job => job.id)
        const runningCount = inState('running').length
        return { jobIds: queued.slice(-500), queuedCount: queued.length, runningCount }
      })
    },
    async agents() {
      hub.asked.agents++
      return answer('agents', () => new Map(online))
    },
    job: async id =>
      answer(`job ${id}`, (): JobSeen => {
        const { state = 'cancelled', ran = [] } = jobs.get(id) ?? {}
        const agent = ran.at(-1)
        const seen = state === 'queued' ? 'waiting' : state === 'running' ? 'running' : 'finished'
        return { state: seen, ...(agent !== undefined && { agent }) }
      }),
    add: (more, ms = jobMs) =>
      Array.from({ length: more }, () => {
        const job: Job = {
          id: jobIdOf(firstNumber + jobs.size),
          ms,
          queuedAt: clock.now(),
          state: 'queued',
          ran: [],
        }
        jobs.set(job.id, job)
        maybe.queued.add(job)
        return job
      }),
    cancel(id) {
      const job = jobs.get(id)
      if (job?.state === 'queued') job.state = 'cancelled'
    },
    stops: [],
    async stop(id) {
      if (hub.outage) throw hub.outage
      hub.stops.push(id)
      hub.cancel(id)
    },
    counts() {
      const states = ['queued', 'running', 'finished', 'broken', 'cancelled'] as const
      const of = (state: JobState) => [...jobs.values()].filter(job => job.state === state).length
      return Object.fromEntries(states.map(state => [state, of(state)])) as Record<JobState, number>
    },
    guest: machine => liveOn(desk, machine),
  }
  const desk: Desk = { hub, clock, dice, take, lose, online, ...options }

  function take({ unit, id }: Machine): Job | undefined {
    const [oldest] = inState('queued')
    const job = unit?.jobId === undefined ? oldest : jobs.get(unit.jobId)
    if (job?.state !== 'queued' || inState('running').length >= hub.ceiling) {
      hub.refusals++
      return undefined
    }
    job.state = 'running'
    job.startedAt = clock.now()
    maybe.running.add(job)
    job.ran.push(unit?.name ?? id)
    return job
  }

  function lose(job: Job, name: string): void {
    online.delete(name)
    if (job.state !== 'running') return
    job.state = 'broken'
    job.lostAt = clock.now()
  }

  return hub
}

export function countIn(faults: Map<string, number>, name: string): void {
  faults.set(name, (faults.get(name) ?? 0) + 1)
}

export const outage = (status = 500) =>
  contractError('unavailable', `hub answered ${status} for the queue of s1-x`)
