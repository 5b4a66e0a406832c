import { describe, expect, it } from 'vitest'
import { worksOf } from '../../../src/coordination/works.ts'

type Given = Parameters<typeof worksOf>[0]

/** Agent types with the pools that they feed; pools that none feeds by themselves. */
function given(types: Readonly<Record<string, readonly string[]>>, alone: readonly string[] = []): Given {
  const pools = [...new Set([...alone, ...Object.values(types).flat()])]
  return {
    pools: Object.fromEntries(pools.map(name => [name, { name }])) as unknown as Given['pools'],
    agentTypes: Object.fromEntries(
      Object.entries(types).map(([name, of]) => [name, { name, pools: of }]),
    ) as unknown as Given['agentTypes'],
  }
}

const names = (from: Given) => worksOf(from).map(work => work.name)

describe('works', () => {
  it('are pools, those that share an agent type together', () => {
    expect(names(given({ s1: ['b', 'a'], s2: ['c'] }, ['d']))).toEqual(['d', 'a+b', 'c'])
  })

  it('join along any chain of types', () => {
    expect(names(given({ s1: ['a', 'b'], s2: ['c', 'd'], s3: ['b', 'c'] }))).toEqual(['a+b+c+d'])
  })

  it('name what they act on, with pools and types of the same name told apart', () => {
    const [work] = worksOf(given({ a: ['a'] }))
    expect(work).toEqual({
      name: 'a',
      pools: ['a'],
      agentTypes: ['a'],
      subjects: ['pool/a', 'type/a', 'work/a'],
    })
  })

  it('have the same name whatever the order, and never one that is too long', () => {
    const many = Array.from({ length: 40 }, (_, index) => `pool-number-${index}`)
    const [long] = names(given({ s1: many }))
    expect(long).toEqual(names(given({ s1: many.toReversed() }))[0])
    expect(long?.length).toBe(200)
    expect(names(given({ s1: many.slice(1) }))).not.toEqual([long])
  })
})
