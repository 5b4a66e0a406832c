import { type Context, silenceMsMax } from './context.ts'
import type { Session } from './database.ts'
import { schema } from './migrations.ts'

interface Held {
  readonly name: string
  readonly host: string
  readonly jobId: string
  readonly count: number
}

/**
 * Ends the attempts of these lives if they are still silent: their works may be taken up at once. It waits for nobody:
 * what another host ends already, and what a dead host's transaction still holds for a moment, is left to a later beat.
 */
export async function takeFromDead(context: Context, lives: readonly string[]): Promise<void> {
  const { deps, beats, queue } = context
  const ended = await beats.transaction(async session => {
    const free = await freeOf(session, context, await silent(session, deps.owner, lives))
    await queue.putBack(free, session)
    await session.query(
      `UPDATE ${schema}.works SET life = NULL, job_id = NULL, attempt = NULL, held = NULL
       WHERE owner = $1 AND job_id = ANY($2)`,
      [deps.owner, free.map(({ jobId }) => jobId)],
    )
    return free
  })
  for (const { host, name } of ended)
    deps.log.warn('A host is silent: another may take up its work', { host, work: name })
}

/** Locks the rows of the hosts: none can say that it lives between the look and the end. */
function silent(session: Session, owner: string, lives: readonly string[]): Promise<readonly Held[]> {
  return session.query<Held>(
    `SELECT w.name, h.host, w.job_id AS "jobId", w.attempt AS count
     FROM ${schema}.hosts h JOIN ${schema}.works w ON w.owner = h.owner AND w.life = h.life
     WHERE h.owner = $1 AND h.life = ANY($2)
       AND (h.stopped_at IS NOT NULL OR h.seen_at <= clock_timestamp() - interval '${silenceMsMax} milliseconds')
     FOR UPDATE OF h SKIP LOCKED`,
    [owner, lives],
  )
}

/** Those whose jobs no transaction holds. One whose job is over already is among them. */
async function freeOf(session: Session, { queue }: Context, held: readonly Held[]): Promise<readonly Held[]> {
  const live = await queue.live(held, session)
  const free = await queue.free(held, session)
  return held.filter(({ jobId }) => free.has(jobId) || !live.has(jobId))
}
