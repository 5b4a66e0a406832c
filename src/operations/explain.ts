import { contractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import type { Wait } from '../fleet/records.ts'
import { livesOf } from '../history/life.ts'
import { type Now, type Way, wayOf } from '../history/way.ts'
import type { CapacityTick } from './capacity.ts'
import { capacityPlan } from './capacity-plan.ts'
import type { Context } from './context.ts'
import { recordsOf } from './history.ts'
import { pastJournal } from './shared-records.ts'

/** The hub is asked only where the journal does not say that all is over. */
export async function explain(
  context: Context,
  wanted: string,
  { isLooking }: { readonly isLooking: boolean },
): Promise<Way> {
  const jobId = await jobIdOf(context, wanted)
  const records = await recordsOf(context, { jobId })
  const facts = {
    jobId,
    job: records.jobs[0],
    lives: livesOf(records),
    now: context.effects.clock.now(),
  }
  const way = wayOf(facts)
  const isOpen = way.state === 'unknown' || way.state === 'waiting'
  return isOpen && isLooking ? wayOf({ ...facts, look: await lookFor(context, jobId) }) : way
}

/** A job by its id, or by the beginning that tables show. @throws `invalid-spec` where that is of several */
async function jobIdOf(context: Context, wanted: string): Promise<string> {
  using journal = await pastJournal(context, { jobPrefix: wanted })
  const ids = journal?.jobIds(wanted) ?? []
  if (ids.length <= 1 || ids.includes(wanted)) return ids.includes(wanted) ? wanted : (ids[0] ?? wanted)
  throw contractError('invalid-spec', `${wanted} is the beginning of ${ids.length} jobs`, {
    hint: `Name one: ${ids.slice(0, 5).join(', ')}`,
  })
}

async function lookFor(context: Context, jobId: string): Promise<Now> {
  const { endpoint, pools } = context.settings
  if (endpoint === '' || Object.keys(pools).length === 0)
    return { unseen: 'no endpoint or no pool is configured' }
  try {
    return nowIn(await capacityPlan(context, { only: undefined }), jobId)
  } catch (error) {
    context.signal.throwIfAborted()
    return { unseen: messageOf(error) }
  }
}

function nowIn({ picture, actions, waits }: CapacityTick, jobId: string): Now {
  const queues = [...picture.queues]
  const unread = queues.flatMap(([type, queue]) =>
    queue.state === 'unknown' ? [`${type}: ${queue.why}`] : [],
  )
  const isListed = queues.some(([, queue]) => queue.state === 'known' && queue.value.jobIds.includes(jobId))
  if (!isListed && unread.length > 0) return { unseen: unread.join('; ') }
  const launch = actions.find(one => one.kind === 'launch' && one.wants.some(want => want.jobId === jobId))
  const wait: Wait | 'none' | undefined = waits.get(jobId)
  return {
    isListed,
    ...(wait !== undefined && wait !== 'none' && { wait }),
    ...(launch?.kind === 'launch' && { plan: `${launch.offering.id} of ${launch.pool}, ${launch.why}` }),
  }
}
