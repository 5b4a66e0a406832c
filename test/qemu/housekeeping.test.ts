import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { idleSpec } from './idle.ts'
import { bench, bootTitle, call, canBoot, clock, launchId, qemuOf, request } from './support.ts'

const dayMs = 86_400_000

test('a staging folder that a dead controller left is swept once it is five minutes old', async () => {
  const { folder, list } = await bench()
  const staging = join(folder, 'staging')
  const [old, young] = [`${launchId()}.${Date.now() - 301_000}.abc`, `${launchId()}.${Date.now()}.abc`]
  for (const name of [old, young]) mkdirSync(join(staging, name, '0'), { recursive: true })
  await list()
  expect(readdirSync(staging)).toEqual([young])
})

test('an instance whose launch record is lost has failed, is past its deadline, and is cleared away', async () => {
  const { provider, folder, list } = await bench()
  const unit = join(folder, 'launches', launchId(), '0')
  mkdirSync(unit, { recursive: true })
  const [shown] = await list()
  expect(shown).toMatchObject({ state: 'failed', fault: 'it was never started', ownership: { expiresAt: 0 } })
  expect(shown && (await provider.terminate(shown, call()))).toBe('gone')
  expect(await list()).toEqual([])
})

test('a list that meets what it cannot read throws', async () => {
  const { folder, list } = await bench()
  const odd = join(folder, 'launches', launchId())
  mkdirSync(join(odd, '0'), { recursive: true })
  mkdirSync(join(odd, 'launch.json'))
  await expect(list()).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('EISDIR') })
  rmSync(odd, { recursive: true })
})

test('an id that climbs out of the state folder is absent, and touches nothing', async () => {
  const { provider, root } = await bench()
  const outside = join(root, 'outside')
  mkdirSync(outside, { recursive: true })
  const scope = { account: 'here', region: 'local' }
  for (const id of ['../../outside', `${launchId()}.0/../../../outside`, '..', `${launchId()}.00`, '']) {
    expect(await provider.terminate({ kind: 'instance', id, scope }, call())).toBe('gone')
  }
  expect(existsSync(outside)).toBe(true)
})

test('what another machine runs in a shared state folder is unknown, and is not ended from here', async () => {
  const { provider, folder } = await bench()
  const id = launchId()
  const unit = join(folder, 'launches', id, '0')
  mkdirSync(unit, { recursive: true })
  const scope = { account: 'another-machine', region: 'local' }
  const record = { tags: { 'agentctl-owner': 'acme-ci' }, scope, createdAt: 1, stopGraceMs: 1 }
  writeFileSync(join(unit, '..', 'launch.json'), JSON.stringify(record))
  writeFileSync(join(unit, 'host.json'), JSON.stringify({ pid: 1, started: '1', boot: 'another' }))
  const [shown] = await Array.fromAsync(provider.list(scope, {}, call()))
  expect(shown).toMatchObject({ state: 'unknown' })
  await expect(shown && provider.terminate(shown, call())).rejects.toMatchObject({ code: 'unavailable' })
  rmSync(unit, { recursive: true })
})

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('a tombstone stays for a day at least, and goes after two', async () => {
    const { provider, root, open, end } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    for (const instance of (await provider.launch(launch, call())).instances) await end(instance)
    const after = (days: number) => open({ clock: { ...clock, now: () => Date.now() + days * dayMs } })
    const lateCall = { ...call(), deadlineMs: Date.now() + 9 * dayMs }
    await expect((await after(1)).launch(launch, lateCall)).rejects.toMatchObject({ code: 'launch-spent' })
    expect((await (await after(2)).launch(launch, lateCall)).instances).toHaveLength(1)
  })

  test('a foreign instance is neither ended, marked, read nor listed', async () => {
    const { provider, root, open, list } = await bench()
    const theirs = await open({ owner: 'somebody-else' })
    const { instances } = await theirs.launch(await request(theirs, '', { spec: idleSpec(root) }), call())
    for (const ref of instances) {
      await expect(provider.terminate(ref, call())).rejects.toMatchObject({ code: 'not-owned' })
      await expect(provider.mark?.(ref, { expiresAt: 0 }, call())).rejects.toMatchObject({
        code: 'not-owned',
      })
      await expect(provider.consoleTail?.(ref, call())).rejects.toMatchObject({ code: 'not-owned' })
      expect(await list()).toEqual([])
      while ((await theirs.terminate(ref, call())) !== 'gone') await clock.sleep(20)
      expect(qemuOf(ref.id)).toBeUndefined()
    }
  })
})
