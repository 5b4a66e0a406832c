import { describe, expect, it } from 'vitest'
import { createRig, machinesOf, tally } from './rig.ts'

describe('a hundred jobs', () => {
  it.each([
    ['one by one', {}],
    ['in batches', { launchBatchMax: 40 }],
  ])('get one machine each, %s, and nothing is left', async (_, traits) => {
    using rig = createRig({ count: 100, traits })
    const result = await rig.run({ concurrency: 40 })
    expect(tally(result)).toEqual({ done: 100 })
    expect(rig.hub.counts().finished).toBe(100)
    expect(machinesOf(rig)).toBe(100)
    expect(result.alivePeak).toBe(40)
    rig.check({ concurrency: 40 })
  })
})
