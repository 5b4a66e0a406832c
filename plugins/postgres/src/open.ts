import type { Coordinator, CoordinatorDeps } from '@agentctl/contract'
import { parseAddress } from './address.ts'
import { guarded } from './context.ts'
import { coordinatorOf } from './coordinator.ts'
import { type Bounds, type Database, databaseAt } from './database.ts'
import { prepare } from './prepare.ts'
import { openQueue, type WorkQueue } from './queue.ts'

/** Five connections of a host at most: what prepares the tables is closed before the others are opened. */
const common: Bounds = { connectionsMax: 3, lockMs: 4_000, statementMs: 5_000, answerMs: 6_000 }
const beating: Bounds = { connectionsMax: 1, lockMs: 3_000, statementMs: 3_000, answerMs: 4_000 }
/** A long history is a long answer, and nobody waits behind it. */
const reading: Bounds = { connectionsMax: 1, lockMs: 4_000, statementMs: 60_000, answerMs: 65_000 }
/** Changes to tables of millions of rows take their time, and who starts meanwhile waits for them. */
const preparing: Bounds = { connectionsMax: 1, lockMs: 120_000, statementMs: 120_000, answerMs: 125_000 }

export async function openCoordinator(deps: CoordinatorDeps): Promise<Coordinator> {
  const address = parseAddress(deps.address)
  const broken = () => deps.log.debug('An idle connection to the database broke', { place: address.place })
  const at = (bounds: Bounds) => databaseAt(address, bounds, broken)
  const [database, beats, reads] = await Promise.all([at(common), at(beating), at(reading)])
  try {
    return await guarded({ address }, 'Opening the coordinator', async () => {
      // The queue last: it looks after itself from then on.
      const { life, aheadMs } = await begin(beats, deps)
      const queue = await prepared(deps, await at(preparing), database)
      const state = { held: new Map(), taking: 0, taken: 0, isKnown: false, aheadMs, touchedAt: 0 }
      return coordinatorOf({ deps, address, database, beats, reads, queue, life, state })
    })
  } catch (error) {
    await Promise.all([database, beats, reads].map(one => one.close()))
    throw error
  }
}

async function prepared(
  { owner, log }: CoordinatorDeps,
  first: Database,
  database: Database,
): Promise<WorkQueue> {
  try {
    await prepare(first)
    return await openQueue(owner, first, database, log)
  } finally {
    await first.close()
  }
}

/** A life of the host begins: it gets a name of its own, and hears what time it is. */
async function begin(
  beats: Database,
  { clock }: CoordinatorDeps,
): Promise<{ readonly life: string; readonly aheadMs: number }> {
  return beats.use(async session => {
    const before = clock.now()
    const [row] = await session.query<{ life: string; now: number }>(
      'SELECT gen_random_uuid() AS life, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
    )
    const after = clock.now()
    return { life: row?.life ?? '', aheadMs: Math.round((row?.now ?? before) - (before + after) / 2) }
  })
}
