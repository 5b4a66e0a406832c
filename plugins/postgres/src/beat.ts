import type { Beat, HostLoad } from '@agentctl/contract'
import { type Context, silenceMsMax } from './context.ts'
import type { Session } from './database.ts'
import { schema } from './migrations.ts'
import type { Attempt } from './queue.ts'
import { takeFromDead } from './takeover.ts'

interface Heard {
  readonly now: number
  readonly isDraining: boolean
  readonly others: number
  readonly works: number
  readonly dead: readonly string[]
  readonly mine: readonly { readonly name: string; readonly jobId: string; readonly count: number }[]
}

/** A host whose own beats had a longer gap knows nothing of the silence of others. Unit: milliseconds. */
const gapMsMax = 3_000

/** Far below what pg-boss lets pass without a touch. Unit: milliseconds. */
const touchEveryMs = 4_000

const ago = (ms: number) => `clock_timestamp() - interval '${ms} milliseconds'`
const alive = `h.stopped_at IS NULL AND h.seen_at > ${ago(silenceMsMax)}`
const drains = `EXISTS (SELECT FROM ${schema}.drains d WHERE d.owner = $1 AND d.host = h.host)`

/**
 * Whether this life has itself been seen all the time that another must have been silent for. After an outage of the
 * database nobody has, so all keep what they hold.
 */
const isWitness = `EXISTS (SELECT FROM ${schema}.hosts WHERE owner = $1 AND life = $2
  AND seen_at > ${ago(gapMsMax)} AND steady_since <= ${ago(silenceMsMax)})`

/** One statement says that this host is alive, and hears all it has to know. */
const saying = `WITH me AS (
    INSERT INTO ${schema}.hosts AS h (owner, life, host, version, machines, ahead_ms) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (owner, life) DO UPDATE
      SET steady_since = CASE WHEN h.seen_at > ${ago(gapMsMax)} THEN h.steady_since ELSE clock_timestamp() END,
        seen_at = clock_timestamp(), stopped_at = NULL, machines = excluded.machines, ahead_ms = excluded.ahead_ms)
  SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now,
    EXISTS (SELECT FROM ${schema}.drains WHERE owner = $1 AND host = $3) AS "isDraining",
    (SELECT count(*)::int FROM ${schema}.hosts h WHERE owner = $1 AND life <> $2 AND ${alive} AND NOT ${drains}) AS others,
    (SELECT count(*)::int FROM ${schema}.works WHERE owner = $1) AS works,
    ARRAY(SELECT life::text FROM ${schema}.hosts h WHERE owner = $1 AND life <> $2 AND NOT (${alive}) AND ${isWitness}
      AND EXISTS (SELECT FROM ${schema}.works w WHERE w.owner = $1 AND w.life = h.life)) AS dead,
    (SELECT coalesce(json_agg(json_build_object('name', name, 'jobId', job_id, 'count', attempt)), '[]')
      FROM ${schema}.works WHERE owner = $1 AND life = $2) AS mine`

export async function beat(context: Context, { machines }: HostLoad): Promise<Beat> {
  const { state, beats, queue } = context
  const { taking, taken } = state
  const held = [...state.held]
  const { row, lost } = await beats.use(async session => {
    const heard = await timed(session, context, machines)
    state.isKnown = true
    state.aheadMs = heard.aheadMs
    return { row: heard.row, lost: await lostOf(session, context, held) }
  })
  if (row.now - state.touchedAt >= touchEveryMs) {
    await touchFree(context, held)
    state.touchedAt = row.now
  }
  const wasQuiet = taking === 0 && state.taking === 0 && taken === state.taken
  // Taken by a call whose answer never came: nobody would work on it, and nobody else could.
  const strays = wasQuiet ? row.mine.filter(({ name }) => !state.held.has(name) && !lost.includes(name)) : []
  if (strays.length > 0) await queue.putBack(strays, beats)
  if (row.dead.length > 0) await takeFromDead(context, row.dead)
  return {
    aheadMs: state.aheadMs,
    isDraining: row.isDraining,
    takers: row.others + (row.isDraining ? 0 : 1),
    works: row.works,
    lost,
  }
}

type HeldWorks = readonly (readonly [string, Attempt])[]

async function lostOf(
  session: Session,
  { queue, state }: Context,
  held: HeldWorks,
): Promise<readonly string[]> {
  const live = await queue.live(attemptsOf(held), session)
  // One that was released meanwhile is not lost.
  const lost = held.filter(([name, attempt]) => !live.has(attempt.jobId) && state.held.get(name) === attempt)
  for (const [name] of lost) state.held.delete(name)
  return lost.map(([name]) => name)
}

/** Whose commit is under way is touched by that commit: a beat does not wait for it. */
async function touchFree({ beats, queue }: Context, held: HeldWorks): Promise<void> {
  if (held.length === 0) return
  await beats.transaction(async session => {
    const free = await queue.free(attemptsOf(held), session)
    await queue.touch(
      attemptsOf(held).filter(({ jobId }) => free.has(jobId)),
      session,
    )
  })
}

function attemptsOf(held: HeldWorks): readonly Attempt[] {
  return held.map(([, attempt]) => attempt)
}

/**
 * The database's clock against the host's at the middle of the round trip, which may be wrong by half of that: what was
 * found before holds as far as this does not disprove it, so a busy host has no wrong clock.
 */
async function timed(
  session: Session,
  { deps: { owner, host, version, clock }, life, state }: Context,
  machines: number,
): Promise<{ readonly row: Heard; readonly aheadMs: number }> {
  const before = clock.now()
  const [row] = await session.query<Heard>(saying, [owner, life, host, version, machines, state.aheadMs])
  const after = clock.now()
  if (!row) throw new Error('The connection was closed: no answer to a beat')
  const ahead = row.now - (before + after) / 2
  const doubt = (after - before) / 2
  return { row, aheadMs: Math.round(Math.min(Math.max(state.aheadMs, ahead - doubt), ahead + doubt)) }
}
