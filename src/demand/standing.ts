import type { Want } from '../fleet/actions.ts'
import { isAlive, type Picture, type Queue, type UnitView } from '../fleet/picture.ts'
import type { Slot } from '../fleet/records.ts'
import { readyIn } from './ready.ts'
import { type More, slotWants } from './slots.ts'
import { type PoolTargets, warmth } from './warmth.ts'

export interface StandingType {
  readonly agentType: string
  readonly binding: 'job' | 'queue'
  /** In the order in which they are filled. */
  readonly pools: readonly PoolTargets[]
}

export interface Standing {
  readonly wants: readonly Want[]
  /** To be remembered before anything is launched for them. */
  readonly slots: readonly Slot[]
  /** Machines that nothing waits for, and that no job can have reached yet. */
  readonly excess: readonly UnitView[]
}

/** What an agent type wants as its queue stands now: a machine for each job, or enough for as many as wait, and some ready. */
export function standing(type: StandingType, picture: Picture, slots: readonly Slot[]): Standing {
  const views = picture.units.filter(view => view.launch.agentType === type.agentType)
  const alive = views.filter(isAlive)
  const queue = picture.queues.get(type.agentType)
  // Nobody knows what is wanted: what is there, or on its way, stays wanted.
  if (queue?.state !== 'known') return { wants: wantsOf(alive), slots: [], excess: [] }

  const { more, excess } =
    type.binding === 'job'
      ? { more: beyondTheList(queue.value, alive), excess: [] }
      : warmth(type.pools, queue.value, alive)
  const spare = new Set(excess)
  const held = alive.filter(view => view.unit.jobId === undefined && !spare.has(view))
  const added = slotWants(type.agentType, more, slots, views)
  const jobs = type.binding === 'job' ? wantsOfJobs(type.agentType, queue.value) : []
  // The hub hands out the oldest first, and those are the ones that its list of the newest leaves out.
  return { wants: [...wantsOf(held), ...added.wants, ...jobs], slots: added.changed, excess }
}

function wantsOf(views: readonly UnitView[]): readonly Want[] {
  return views.map(({ unit, launch }) => ({
    key: unit.want,
    agentType: launch.agentType,
    ...(unit.jobId !== undefined && { jobId: unit.jobId }),
  }))
}

function wantsOfJobs(agentType: string, { jobIds }: Queue): readonly Want[] {
  return [...new Set(jobIds)].map(jobId => ({ key: jobId, agentType, jobId, isStanding: true }))
}

function beyondTheList(queue: Queue, alive: readonly UnitView[]): readonly More[] {
  const beyond = queue.queuedCount - new Set(queue.jobIds).size
  const { up } = readyIn(alive, queue)
  const ready = up.filter(({ unit, agent }) => unit.phase !== 'online' || agent === 'idle')
  const count = Math.max(0, beyond - ready.length)
  return [{ count, purpose: `${beyond} jobs wait beyond the ${queue.jobIds.length} that the hub lists` }]
}
