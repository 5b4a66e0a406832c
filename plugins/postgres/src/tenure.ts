import type { Tenure } from '@agentctl/contract'
import { type Context, guarded } from './context.ts'
import type { Session } from './database.ts'
import { grant } from './grants.ts'
import { schema } from './migrations.ts'
import { forgetSome, loadOpen, recall, write } from './records.ts'
import type { Taken } from './take.ts'

/** Records removed in one transaction. */
const forgetBatch = 1_000

/** What the holder of a work may do. Each change begins by touching the attempt, which fails once it is not its own. */
export function tenureOf(context: Context, { work, attempt }: Taken): Tenure {
  const {
    deps: { owner },
    database,
    queue,
    state,
  } = context
  const at = <Result>(verb: string, act: () => Promise<Result>) =>
    guarded(context, `${verb} of ${work.name}`, act)

  /** Whether it is held; until the session's transaction ends nobody can take it away. */
  const isHeld = async (session: Session) => (await queue.touch([attempt], session)).size === 1

  const whileHeld = <Result>(act: (session: Session) => Promise<Result>) =>
    database.transaction(async session => ((await isHeld(session)) ? act(session) : undefined))

  return {
    work,
    load: () => at('load', () => loadOpen(database, owner, work.subjects)),
    recall: asked => at('recall', () => recall(database, owner, asked)),
    commit: changes =>
      at('commit', async () => {
        if (changes.saved.length + changes.removed.length === 0)
          return (await isHeld(database)) ? 'kept' : 'lost'
        const isKept = await whileHeld(async session => {
          await write(session, owner, changes)
          return true
        })
        return isKept ? 'kept' : 'lost'
      }),
    forget: before =>
      at('forget', async () => {
        for (let forgotten = 0; ; ) {
          const some = await whileHeld(session =>
            forgetSome(session, owner, work.subjects, before, forgetBatch),
          )
          forgotten += some ?? 0
          if ((some ?? 0) < forgetBatch) return forgotten
        }
      }),
    grant: (wanted, max) =>
      at(
        'grant',
        async () => (await whileHeld(session => grant(session, owner, work.name, wanted, max))) ?? 0,
      ),
    release: afterMs =>
      at('release', async () => {
        await database.transaction(async session => {
          await queue.putBack([attempt], session, afterMs)
          await session.query(
            `UPDATE ${schema}.works SET life = NULL, job_id = NULL, attempt = NULL, held = NULL
             WHERE owner = $1 AND name = $2 AND job_id = $3 AND attempt = $4`,
            [owner, work.name, attempt.jobId, attempt.count],
          )
        })
        if (state.held.get(work.name) === attempt) state.held.delete(work.name)
      }),
  }
}
