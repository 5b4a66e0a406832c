import { describe, it } from 'vitest'
import { measured, openStage, settled } from '../bench/scale/measure.ts'
import { until } from '../support/cli.ts'
import { missing } from './cluster.ts'

/** Jobs so short that the whole fleet is another one after ten seconds. */
const load = {
  ...{ owner: 'bench', pools: 20, scopes: 10, live: 200, jobsPerMinute: 1_200, seed: 'short' },
  ...{ bootMs: 1_500, shownMs: 3_000 },
}
const hosts = 2
const seconds = 5

/** The short form of `npm run bench:scale`, with bounds that one commit or one list for each machine would break. */
describe.skipIf(missing !== undefined)(`200 machines of 20 pools on 2 hosts ${missing ?? ''}`, () => {
  it('cost what looks, launches and seconds cost, and nothing is doubled or left', async ({ expect }) => {
    await using stage = await openStage({ load, hosts, windowMs: 1_000 * seconds })
    await settled(stage)
    const { jobs, commits, calls } = await measured(stage)
    const inWindow = (name: string) => ((calls[name] ?? 0) * seconds) / 60
    const looks = inWindow('queue')
    expect(jobs).toBeGreaterThan(0)
    // A work that changes hands in the window is looked at once more.
    expect(inWindow('agents')).toBeLessThanOrEqual(looks + load.pools)
    expect(inWindow('list')).toBeLessThanOrEqual(hosts * load.scopes * (seconds / 5 + 1))
    expect(inWindow('launch')).toBeLessThanOrEqual(looks + load.pools)
    expect(commits * seconds).toBeLessThanOrEqual(4 * looks + 3 * inWindow('launch') + 8 * hosts * seconds)

    await stage.world.dry()
    await until(
      'the last job is done',
      async () => {
        const { alive, jobs: left } = await stage.world.facts()
        return alive + left.waiting + left.queued === 0
      },
      60_000,
    )
    expect((await stage.world.facts()).wrongs).toEqual({ doubled: 0, forNobody: 0, beyondMax: 0 })
  })
})
