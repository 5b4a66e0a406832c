import { describe, expect, test } from 'vitest'
import { nextLookMs, stageAt } from '../../plugins/qemu/src/guest/deadline.ts'
import { startController } from './controllers.ts'
import { idleSpec } from './idle.ts'
import { bench, bootTitle, call, canBoot, request, tinySpec } from './support.ts'

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('with its controller killed a machine runs on, is found again, and ends at its deadline', async () => {
    const { provider, root, reach, says } = await bench()
    const spec = tinySpec({ 'stop-grace': '20s' })
    const soft = await request(provider, 'echo at-work', { spec, afterMs: 45_000 })
    const deaf = await request(provider, '', { spec: idleSpec(root), afterMs: 2_000 })
    for (const launch of [soft, deaf]) {
      const controller = startController({ root, launch, isStaying: true })
      expect(await controller.answer()).toEqual([`${launch.launchId}.0`])
      await controller.kill()
    }
    expect((await reach(deaf.launchId, 'stopped')).fault).toBe('ended at its deadline')
    const running = await reach(soft.launchId, 'running')
    await says(running, 'at-work')
    // Any host moves the deadline; the guest host looks at it once a second.
    await provider.mark?.(running, { expiresAt: Date.now() + 15_000 }, call())
    const stopped = await reach(soft.launchId, 'stopped')
    expect(stopped.fault).toBe('ended at its deadline')
    expect(await provider.consoleTail?.(stopped, call())).toContain('tiny: power button')
  })
})

test.each([
  [0, 'run'],
  [94_999, 'run'],
  [95_000, 'soft-stop'],
  [99_999, 'soft-stop'],
  [100_000, 'forced-stop'],
])('at %i ms of a life of 100 s with 5 s of grace: %s', (now, stage) => {
  expect(stageAt({ startedAt: 0, expiresAt: 100_000, stopGraceMs: 5000 }, now)).toBe(stage)
})

test('a life shorter than the stop grace has its first half', () => {
  const life = { startedAt: 1000, expiresAt: 2000, stopGraceMs: 5000 }
  expect([1499, 1500, 2000].map(now => stageAt(life, now))).toEqual(['run', 'soft-stop', 'forced-stop'])
  expect(nextLookMs(life, 1400)).toBe(100)
  expect(nextLookMs({ ...life, expiresAt: 1e9 }, 1400)).toBe(1000)
})
