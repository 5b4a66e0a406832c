import { describe, expect, it } from 'vitest'
import { inTurn } from '../../../src/coordination/in-turn.ts'

function rig() {
  const runs: PromiseWithResolvers<void>[] = []
  const ask = inTurn(() => {
    const run = Promise.withResolvers<void>()
    runs.push(run)
    return run.promise
  })
  return { runs, ask }
}

describe('runs in turn', () => {
  it('share the next one with all who asked after the one under way began', async () => {
    const { runs, ask } = rig()
    const first = ask()
    const second = ask()
    const third = ask()
    expect(runs).toHaveLength(1)
    runs[0]?.resolve()
    await first
    await Promise.resolve()
    expect(runs).toHaveLength(2)
    const fourth = ask()
    runs[1]?.resolve()
    await Promise.all([second, third])
    await Promise.resolve()
    expect(runs).toHaveLength(3)
    runs[2]?.resolve()
    await fourth
  })

  it('go on after one that failed, which fails only for who asked for it', async () => {
    const { runs, ask } = rig()
    const first = ask()
    const second = ask()
    runs[0]?.reject(new Error('away'))
    await expect(first).rejects.toThrow('away')
    await Promise.resolve()
    runs[1]?.resolve()
    await second
    const third = ask()
    runs[2]?.resolve()
    await third
    expect(runs).toHaveLength(3)
  })
})
