import { type Clock, contractError } from '@agentctl/contract'
import type { GuestScript, Machine } from '@agentctl/provider-sim'
import type { JobSeen, Queue } from '../../src/fleet/picture.ts'

export type JobState = 'queued' | 'running' | 'finished' | 'broken' | 'cancelled'

export interface Job {
  readonly id: string
  readonly ms: number
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
  /** Gets the reason of each agent's end. */
  onEnd: (reason: string) => void
  queue(): Promise<Queue>
  agents(): Promise<ReadonlyMap<string, 'idle' | 'busy'>>
  /** As the public API shows a job. */
  job(id: string): Promise<JobSeen>
  /** More jobs, queued now. */
  add(count: number, ms?: number): readonly Job[]
  cancel(id: string): void
  counts(): Readonly<Record<JobState, number>>
  readonly guest: GuestScript
}

export interface HubOptions {
  readonly count: number
  readonly jobMs?: number
  /** From boot to the agent's start. */
  readonly agentMs?: number
  /** How long a refused agent tries again. */
  readonly agentTimeoutMs: number
  /** How long an agent waits for any job; default a minute. */
  readonly idleMs?: number
}

/** Agents ask for jobs so often. */
const syncMs = 5_000

export function jobIdOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** The hub hands the oldest queued job to whoever may have it; the list shows the newest 500. */
export function createHub(
  clock: Clock,
  { count, jobMs = 60_000, agentMs = 5_000, agentTimeoutMs, idleMs = 60_000 }: HubOptions,
): SimHub {
  const jobs = new Map<string, Job>(
    Array.from({ length: count }, (_, at) => jobIdOf(at + 1)).map(id => [
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
  const answer = <T>(value: () => T): T => {
    if (hub.outage) throw hub.outage
    return value()
  }

  const hub: SimHub = {
    jobs,
    ceiling: Number.POSITIVE_INFINITY,
    outage: undefined,
    asked: { queue: 0, agents: 0 },
    refusals: 0,
    idledMs: 0,
    onEnd: () => undefined,
    async queue() {
      hub.asked.queue++
      return answer(() => {
        const queued = inState('queued').map(job => job.id)
        const runningCount = inState('running').length
        return { jobIds: queued.slice(-500), queuedCount: queued.length, runningCount }
      })
    },
    async agents() {
      hub.asked.agents++
      return answer(() => new Map(online))
    },
    job: async id =>
      answer((): JobSeen => {
        const { state = 'cancelled', ran = [] } = jobs.get(id) ?? {}
        const agent = ran.at(-1)
        const seen = state === 'queued' ? 'waiting' : state === 'running' ? 'running' : 'finished'
        return { state: seen, ...(agent !== undefined && { agent }) }
      }),
    add: (more, ms = jobMs) =>
      Array.from({ length: more }, () => {
        const job: Job = { id: jobIdOf(jobs.size + 1), ms, queuedAt: clock.now(), state: 'queued', ran: [] }
        jobs.set(job.id, job)
        maybe.queued.add(job)
        return job
      }),
    cancel(id) {
      const job = jobs.get(id)
      if (job?.state === 'queued') job.state = 'cancelled'
    },
    counts() {
      const states = ['queued', 'running', 'finished', 'broken', 'cancelled'] as const
      const of = (state: JobState) => [...jobs.values()].filter(job => job.state === state).length
      return Object.fromEntries(states.map(state => [state, of(state)])) as Record<JobState, number>
    },
    guest: async machine => {
      const { clock: time, ownership, unit } = machine
      const bootedAt = time.now()
      const mark = (name: string) =>
        machine.print(`agentctl: phase=${name} t=${((time.now() - bootedAt) / 1000).toFixed(3)}`)
      const finish = (reason: string, detail: string) => {
        mark('power-off')
        machine.print(`agentctl: end reason=${reason} ${detail}`)
        hub.onEnd(reason)
      }
      mark('booted')
      await Promise.race([time.sleep(Math.max(0, ownership.expiresAt - clock.now())), life()])

      async function life(): Promise<void> {
        await time.sleep(agentMs)
        mark('agent-started')
        const name = unit?.name ?? machine.id
        machine.signal.addEventListener('abort', () => online.delete(name), { once: true })
        let job = take(machine)
        if (unit?.jobId === undefined) {
          online.set(name, 'idle')
          mark('agent-registered')
          for (let waited = 0; !job && waited < idleMs; waited += syncMs) {
            await time.sleep(syncMs)
            hub.idledMs += syncMs
            job = take(machine)
          }
          if (!job) {
            online.delete(name)
            mark('agent-ended')
            return finish('idle', 'exit=0')
          }
        }
        for (let tries = 1; !job; tries++) {
          mark('agent-refused')
          if (time.now() - bootedAt > agentTimeoutMs) return finish('refused', 'job not available')
          await time.sleep(1_000 + ((tries * 1_700) % 5_000))
          job = take(machine)
        }
        online.set(name, 'busy')
        machine.signal.addEventListener('abort', () => lose(job, name), { once: true })
        if (unit?.jobId !== undefined) mark('agent-registered')
        await time.sleep(job.ms)
        job.state = 'finished'
        online.delete(name)
        mark('agent-ended')
        finish('job-finished', 'exit=0')
      }
    },
  }

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

export const outage = (status = 500) =>
  contractError('unavailable', `hub answered ${status} for the queue of s1-x`)
