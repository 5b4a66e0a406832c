import type { ResourceKind } from '@agentctl/contract'
import { expect, it } from 'vitest'
import { openLooks } from '../../../src/engine/looks.ts'
import { type ScopeLook, unknown } from '../../../src/fleet/picture.ts'
import { instanceOf } from '../fleet/build.ts'

const disk = { ...instanceOf({ id: 'd-1' }), kind: 'disk' as const }

/** Looks at one scope at these times; tells when a list was really made. */
async function asked(
  wishes: readonly (readonly [now: number, ...kinds: ResourceKind[]])[],
  isBroken = false,
) {
  const looks = openLooks()
  const made: number[] = []
  const seen: ScopeLook[] = []
  for (const [now, ...kinds] of wishes) {
    const ask = async (): Promise<ScopeLook> => {
      made.push(now)
      const value = [instanceOf(), disk].filter(one => kinds.includes(one.kind))
      const resources = isBroken ? unknown('503') : { state: 'known' as const, value }
      return { provider: 'sim', scope: 'acc/here', askedAt: now, resources }
    }
    seen.push(await looks.at({ key: 'sim/acc/here', kinds, everyMs: 5_000, now }, ask))
  }
  return { made, seen }
}

it('a scope is listed no more often than its cloud wants', async () => {
  const times = Array.from({ length: 60 }, (_, second) => [second * 1_000, 'instance'] as const)
  expect((await asked(times)).made).toHaveLength(12)
})

it('a list that failed is not asked for sooner', async () => {
  const { made, seen } = await asked(
    [
      [0, 'instance'],
      [2_000, 'instance'],
      [5_000, 'instance'],
    ],
    true,
  )
  expect(made).toEqual([0, 5_000])
  expect(seen[1]).toMatchObject({ askedAt: 0, resources: { state: 'unknown' } })
})

it('a look keeps the time at which it was asked for', async () => {
  expect(
    (
      await asked([
        [0, 'instance'],
        [4_999, 'instance'],
      ])
    ).seen[1]?.askedAt,
  ).toBe(0)
})

it('a look at fewer kinds is not taken for one at more', async () => {
  const { made, seen } = await asked([
    [0, 'instance'],
    [1_000, 'instance', 'disk'],
    [2_000, 'instance'],
  ])
  expect(made).toEqual([0, 1_000])
  expect(seen[2]?.resources).toMatchObject({ value: [{ id: 'i-1' }] })
})

it('a look of before the clock was set back is not taken for a new one', async () => {
  const { made } = await asked([
    [3_600_000, 'instance'],
    [1_000, 'instance'],
    [2_000, 'instance'],
  ])
  expect(made).toEqual([3_600_000, 1_000])
})
