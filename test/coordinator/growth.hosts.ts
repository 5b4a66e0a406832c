import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Cluster, missing, startCluster } from './cluster.ts'
import { beating, openHost, taken, workOn } from './host.ts'

const count = 20_000

/** Machines that were, of two hundred pools; the last thousand still are. */
const past = `INSERT INTO agentctl.records (owner, kind, key, subject, is_open, at, want, launch_id, body)
  SELECT 'acme', kind, kind || i, 'pool/p' || i % 200, i > ${count - 1000}, i, nullif(kind, 'launch') || i, 'l' || i, '{}'
  FROM generate_series(1, ${count}) AS i, unnest(ARRAY['unit', 'launch']) AS kind`

describe.skipIf(missing !== undefined)(`the records of a long past ${missing ?? ''}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  it('are found without a look at all of them, whether the planner knows their number or not', async ({
    expect,
  }) => {
    const address = await cluster.fresh()
    const name = new URL(address).pathname.slice(1)
    const host = await openHost(address, 'one')
    await cluster.sql(name, past)
    await host.offer([workOn('p7', 'pool/p7')])
    const heart = await beating(host)
    const tenure = await taken(host)
    expect(await tenure.load()).toHaveLength(10)
    const found = await tenure.recall({ wants: ['unit5', 'unit6'], launchIds: ['l8'] })
    expect(found.map(({ key }) => key).sort()).toEqual([
      'launch5',
      'launch6',
      'launch8',
      'unit5',
      'unit6',
      'unit8',
    ])
    await cluster.sql(name, 'ANALYZE agentctl.records')
    expect(await tenure.recall({ wants: ['unit5', 'unit6'], launchIds: ['l8'] })).toEqual(found)
    expect(await host.history({ jobId: 'unit9' })).toHaveLength(2)
    expect(await tenure.forget(400)).toBe(4)
    await heart.stop()
    // A connection tells what it has read when it ends.
    await host[Symbol.asyncDispose]()
    const [read] = await cluster.sql<{ rows: string }>(
      name,
      `SELECT seq_tup_read AS rows FROM pg_stat_user_tables WHERE relname = 'records'`,
    )
    expect(Number(read?.rows)).toBeLessThan(count)
  })
})
