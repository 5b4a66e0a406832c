import type { Coordinator } from '@agentctl/contract'
import { beat } from './beat.ts'
import { admit, throttled } from './buckets.ts'
import { type Context, guarded } from './context.ts'
import { drain, hosts } from './hosts.ts'
import { schema } from './migrations.ts'
import { offer } from './offer.ts'
import { history } from './records.ts'
import { take } from './take.ts'
import { tenureOf } from './tenure.ts'

export function coordinatorOf(context: Context): Coordinator {
  const { database, reads, deps } = context
  return {
    offer: works => guarded(context, 'The offer of works', () => offer(context, works)),
    beat: load => guarded(context, `A beat of ${deps.host}`, () => beat(context, load)),
    take: () =>
      guarded(context, 'Taking up a work', async () => {
        const taken = await take(context)
        return taken && tenureOf(context, taken)
      }),
    admit: (bucket, rate, waitMsMax) =>
      guarded(context, `Admission by ${bucket}`, () => admit(database, bucket, rate, waitMsMax)),
    throttled: (bucket, rate, retryAfterMs) =>
      guarded(context, `Throttling of ${bucket}`, () => throttled(database, bucket, rate, retryAfterMs)),
    hosts: () => guarded(context, 'The list of hosts', () => hosts(context)),
    drain: (host, isDraining) => guarded(context, `Draining ${host}`, () => drain(context, host, isDraining)),
    history: wanted => guarded(context, 'The history', () => history(reads, deps.owner, wanted)),
    [Symbol.asyncDispose]: () => close(context),
  }
}

/** Gives back what is held, if the database can be reached: else others take it when this host has been silent. */
async function close(context: Context): Promise<void> {
  const { database, beats, reads, queue, state, deps, life } = context
  try {
    await giveBack(context)
  } catch (error) {
    deps.log.debug('The works of this host could not be given back', { life, fault: String(error) })
  }
  state.held.clear()
  await queue.close()
  await Promise.all([database, beats, reads].map(one => one.close()))
}

async function giveBack({ database, queue, state, deps: { owner }, life }: Context): Promise<void> {
  await database.transaction(async session => {
    await queue.putBack([...state.held.values()], session)
    await session.query(
      `UPDATE ${schema}.works SET life = NULL, job_id = NULL, attempt = NULL, held = NULL WHERE owner = $1 AND life = $2`,
      [owner, life],
    )
    await session.query(
      `UPDATE ${schema}.hosts SET stopped_at = clock_timestamp() WHERE owner = $1 AND life = $2`,
      [owner, life],
    )
  })
}
