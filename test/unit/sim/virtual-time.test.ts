import { createVirtualClock } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'

describe('virtual time', () => {
  it('runs timers in the order of their time, then of their making', async () => {
    const clock = createVirtualClock(0)
    const seen: string[] = []
    const at = (ms: number, word: string) => clock.sleep(ms).then(() => seen.push(`${word}@${clock.now()}`))
    at(20, 'c')
    at(10, 'a')
    at(10, 'b')
    await clock.advance(15)
    expect(seen).toEqual(['a@10', 'b@10'])
    expect(clock.now()).toBe(15)
    await clock.advance(5)
    expect(seen).toEqual(['a@10', 'b@10', 'c@20'])
  })

  it('lets what follows from a timer set timers that fall due on the way', async () => {
    const clock = createVirtualClock(0)
    let ticks = 0
    const loop = async () => {
      for (;;) {
        await clock.sleep(10)
        ticks += 1
      }
    }
    void loop()
    await clock.advance(105)
    expect(ticks).toBe(10)
  })

  it('drives a task to its end, and gives its outcome', async () => {
    const clock = createVirtualClock(0)
    expect(await clock.drive(clock.sleep(5000).then(() => clock.now()))).toBe(5000)
    await expect(clock.drive(Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(clock.drive(new Promise(() => {}))).rejects.toThrow('no timer is left')
    await expect(clock.drive(clock.sleep(5000), 100)).rejects.toThrow('100 ms have passed')
  })

  it('wakes a sleeper whose signal is aborted, and forgets its timer', async () => {
    const clock = createVirtualClock(0)
    const stop = new AbortController()
    const sleep = clock.sleep(1000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough')
    expect(clock.pending()).toBe(0)
  })

  it('never wakes a dropped process', async () => {
    const clock = createVirtualClock(0)
    const { clock: view, drop } = clock.process()
    let isAwake = false
    void view.sleep(10).then(() => {
      isAwake = true
    })
    drop()
    await clock.advance(100)
    expect(isAwake).toBe(false)
  })
})
