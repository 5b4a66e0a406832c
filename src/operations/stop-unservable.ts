import { committed } from '../engine/committed.ts'
import { noteWait } from '../engine/note-jobs.ts'
import type { TickReport } from '../engine/tick.ts'
import { messageOf } from '../errors/message.ts'
import { type Unservable, unservableJobs } from '../fleet/unservable.ts'
import type { Session } from './session.ts'

/** Stopped in one tick; each is two calls of the hub, and a wrong configuration may fail all of a queue. */
const atOnceMax = 20
/** One that could not be stopped is tried again. Unit: milliseconds. */
const againMs = 60_000

/**
 * Stops, at the hub, jobs that would wait for nothing until it drops them. Only what the hub says to be waiting at this
 * very moment, and while no agent of the type waits for a job: such an agent may be anybody's. What cannot be seen is
 * not stopped. `triedAt`, by job, is kept from tick to tick.
 */
export async function stopUnservable(
  { engine }: Session,
  { picture, policy }: TickReport,
  triedAt: Map<string, number>,
): Promise<readonly Unservable[]> {
  const now = engine.clock.now()
  const due = unservableJobs(picture, policy)
    .filter(one => now - (triedAt.get(one.jobId) ?? 0) >= againMs)
    .slice(0, atOnceMax)
  const types = [...new Set(due.map(one => one.agentType))]
  const quiet = await Promise.all(
    types.map(async type => ((await hasNoIdleAgent(engine, type)) ? [type] : [])),
  )
  const stoppable = due.filter(one => quiet.flat().includes(one.agentType))
  for (const { jobId } of stoppable) triedAt.set(jobId, now)
  const stopped = await Promise.all(stoppable.map(async one => ((await isStopped(engine, one)) ? [one] : [])))
  return stopped.flat()
}

type Deps = Session['engine']

async function hasNoIdleAgent({ hub, signal, log }: Deps, agentType: string): Promise<boolean> {
  try {
    const agents = await hub.agents?.(agentType, signal)
    return agents !== undefined && ![...agents.values()].includes('idle')
  } catch (error) {
    log.warn('No job is stopped while agents cannot be seen', { agentType, why: messageOf(error) })
    return false
  }
}

async function isStopped(engine: Deps, { jobId, agentType, why }: Unservable): Promise<boolean> {
  const { hub, signal, log } = engine
  try {
    const seen = await hub.job?.(jobId, signal)
    if (seen?.state !== 'waiting' || seen.agent !== undefined) return false
    await committed(engine)
    await hub.stopJob?.(jobId, signal)
  } catch (error) {
    log.warn('A job could not be stopped', { job: jobId, why: messageOf(error) })
    return false
  }
  log.warn('Stopped a job', { job: jobId, why })
  noteWait(engine, [{ key: jobId, agentType, jobId }], { code: 'given-up', why: `stopped: ${why}` })
  return true
}
