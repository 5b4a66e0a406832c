import type { Work } from '@agentctl/contract'
import { type Context, ownersTurn } from './context.ts'
import type { Session } from './database.ts'
import { bossSchema, schema } from './migrations.ts'
import type { Attempt, Fetched } from './queue.ts'

export interface Taken {
  readonly work: Work
  readonly attempt: Attempt
}

/** Works looked at in one call that others are in the way of. */
const triesMax = 20
/** Until a work that shares a subject with one that is held is looked at again. */
const againMs = 1_000

/**
 * A work that nobody holds, now held by this life of the host. The fetch and what is written of it are one
 * transaction, so a host that dies in between has taken nothing.
 */
export async function take(context: Context): Promise<Taken | undefined> {
  const { database, queue, state } = context
  state.taking += 1
  try {
    const taken = await database.transaction(async session => {
      if (await isDraining(session, context)) return undefined
      if (!state.isKnown) await introduce(session, context)
      const inTheWay: Fetched[] = []
      const found = await firstFree(session, context, inTheWay)
      await queue.putBack(inTheWay, session, againMs)
      return found
    })
    if (!taken) return undefined
    state.isKnown = true
    state.held.set(taken.work.name, taken.attempt)
    return taken
  } finally {
    state.taking -= 1
    state.taken += 1
  }
}

async function isDraining(session: Session, { deps: { owner, host } }: Context): Promise<boolean> {
  const [row] = await session.query<{ isDraining: boolean }>(
    `SELECT ${ownersTurn}, EXISTS (SELECT FROM ${schema}.drains WHERE owner = $2 AND host = $3) AS "isDraining"`,
    ['take', owner, host],
  )
  return row?.isDraining ?? false
}

/** Who takes and dies before the first beat is missed as well. */
async function introduce(
  session: Session,
  { deps: { owner, host, version }, life, state }: Context,
): Promise<void> {
  await session.query(
    `INSERT INTO ${schema}.hosts (owner, life, host, version, machines, ahead_ms) VALUES ($1, $2, $3, $4, 0, $5)
     ON CONFLICT DO NOTHING`,
    [owner, life, host, version, state.aheadMs],
  )
}

async function firstFree(
  session: Session,
  context: Context,
  inTheWay: Fetched[],
): Promise<Taken | undefined> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const fetched = await context.queue.fetch(session)
    if (!fetched) return undefined
    const work = await hold(session, context, fetched)
    if (work) return { work, attempt: fetched }
    inTheWay.push(fetched)
  }
  return undefined
}

/** Writes down who holds it, unless a work that is held shares a subject with it, or it is offered no more. */
async function hold(
  session: Session,
  { deps: { owner }, queue, life }: Context,
  { work, jobId, count }: Fetched,
): Promise<Work | undefined> {
  const [row] = await session.query<Work>(
    `UPDATE ${schema}.works w SET life = $4, job_id = $5, attempt = $6, held = subjects
     WHERE owner = $1 AND name = $3 AND NOT EXISTS (
       SELECT FROM ${schema}.works o
       JOIN ${bossSchema}.job j ON j.name = $2 AND j.id = o.job_id AND j.state = 'active' AND j.retry_count = o.attempt
       WHERE o.owner = $1 AND o.name <> $3 AND o.held && w.subjects)
     RETURNING name, subjects`,
    [owner, queue.name, work, life, jobId, count],
  )
  return row
}
