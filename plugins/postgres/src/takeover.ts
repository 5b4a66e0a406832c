import { type Context, silenceMsMax } from './context.ts'
import { schema } from './migrations.ts'

interface Held {
  readonly name: string
  readonly host: string
  readonly jobId: string
  readonly count: number
}

/** A dead host's transaction may still hold a row for a moment; the next beat tries again, and this one does not wait. */
const lockMs = 300

/**
 * Ends the attempts of these lives if they are still silent, each for itself, so that one whose row is locked keeps
 * none of the others. Their works may be taken up at once.
 */
export async function takeFromDead(context: Context, lives: readonly string[]): Promise<void> {
  const { deps, beats } = context
  const held = await beats.query<Held>(
    `SELECT w.name, h.host, w.job_id AS "jobId", w.attempt AS count
     FROM ${schema}.works w JOIN ${schema}.hosts h ON h.owner = w.owner AND h.life = w.life
     WHERE w.owner = $1 AND w.life = ANY($2)`,
    [deps.owner, lives],
  )
  for (const one of held) {
    try {
      if (await endAttempt(context, one))
        deps.log.warn('A host is silent: another may take up its work', { host: one.host, work: one.name })
    } catch (error) {
      deps.log.debug('A silent host still holds a work', { work: one.name, fault: String(error) })
    }
  }
}

/** The host's row is locked first: it cannot say that it lives between the look and the end. */
function endAttempt({ deps: { owner }, beats, queue }: Context, one: Held): Promise<boolean> {
  return beats.transaction(async session => {
    await session.query(`SET LOCAL lock_timeout = ${lockMs}`)
    const silent = await session.query(
      `SELECT 1 FROM ${schema}.hosts h JOIN ${schema}.works w ON w.owner = h.owner AND w.life = h.life
       WHERE w.owner = $1 AND w.name = $2 AND w.job_id = $3 AND w.attempt = $4
         AND (h.stopped_at IS NOT NULL OR h.seen_at <= clock_timestamp() - interval '${silenceMsMax} milliseconds')
       FOR UPDATE OF h SKIP LOCKED`,
      [owner, one.name, one.jobId, one.count],
    )
    if (silent.length === 0) return false
    await queue.putBack([one], session)
    await session.query(
      `UPDATE ${schema}.works SET life = NULL, job_id = NULL, attempt = NULL, held = NULL
       WHERE owner = $1 AND name = $2 AND job_id = $3 AND attempt = $4`,
      [owner, one.name, one.jobId, one.count],
    )
    return true
  })
}
