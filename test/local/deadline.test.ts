import { expect, test } from 'vitest'
import { nextLookMs, stageAt } from '../../plugins/local/src/guest/deadline.ts'
import { bench, call, request } from './support.ts'

const deaf = `trap '' TERM; while :; do sleep 0.1; done`
const polite = `trap 'echo soft-stop; exit 0' TERM; while :; do sleep 0.05; done`

test('the dead-man timer asks first and ends at the deadline, with no controller at all', async () => {
  const { provider, reach } = await bench()
  const spec = { 'stop-grace': '2s' }
  const asked = await request(provider, polite, { spec, afterMs: 4000 })
  const forced = await request(provider, deaf, { spec, afterMs: 4000 })
  for (const launch of [asked, forced]) await provider.launch(launch, call())
  const [first, second] = [await reach(asked.launchId, 'stopped'), await reach(forced.launchId, 'stopped')]
  const tail = await provider.consoleTail?.(first, call())
  expect(first.fault, tail).toBe('ended at its deadline (exit code 0)')
  expect(tail).toContain('soft-stop')
  expect(second.fault).toMatch(/^ended at its deadline/)
})

test('a deadline that is moved is honoured, both ways', async () => {
  const { provider, reach, list } = await bench()
  const [later, sooner, control] = await Promise.all([
    request(provider, 'sleep 1000', { afterMs: 1500 }),
    request(provider, 'sleep 1000'),
    request(provider, 'sleep 1000', { afterMs: 1500 }),
  ])
  const moves = [
    [later, 600_000],
    [sooner, 1000],
  ] as const
  for (const [launch, ms] of moves) {
    const { instances } = await provider.launch(launch, call())
    for (const ref of instances) await provider.mark?.(ref, { expiresAt: Date.now() + ms }, call())
  }
  await provider.launch(control, call())
  await reach(control.launchId, 'stopped')
  expect((await reach(sooner.launchId, 'stopped')).fault).toMatch(/^ended at its deadline/)
  const kept = (await list()).find(({ ownership }) => ownership.launchId === later.launchId)
  expect(kept?.state).toBe('running')
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
