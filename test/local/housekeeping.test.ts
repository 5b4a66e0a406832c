import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bench, call, clock, launchId, processesWith, request } from './support.ts'

const dayMs = 86_400_000

test('a staging folder that a dead controller left is swept once it is a minute old', async () => {
  const { folder, list } = await bench()
  const staging = join(folder, 'staging')
  const [old, young] = [`${launchId()}.${Date.now() - 61_000}.abc`, `${launchId()}.${Date.now()}.abc`]
  for (const name of [old, young]) mkdirSync(join(staging, name, '0', 'home'), { recursive: true })
  await list()
  expect(readdirSync(staging)).toEqual([young])
})

test('a launch folder without units is swept, and its id is spent', async () => {
  const { provider, folder, list, end } = await bench()
  const launch = await request(provider, 'sleep 1000')
  for (const instance of (await provider.launch(launch, call())).instances) await end(instance)
  const husk = join(folder, 'launches', launch.launchId)
  mkdirSync(husk)
  writeFileSync(join(husk, 'launch.json'), '{}')
  expect(await list()).toEqual([])
  expect(existsSync(husk)).toBe(false)
  await expect(provider.launch(launch, call())).rejects.toMatchObject({ code: 'launch-spent' })
})

test('a tombstone stays for a day at least, and goes after two', async () => {
  const { provider, open, end } = await bench()
  const launch = await request(provider, 'sleep 1000')
  for (const instance of (await provider.launch(launch, call())).instances) await end(instance)
  const after = (days: number) => open({ clock: { ...clock, now: () => Date.now() + days * dayMs } })
  const lateCall = { ...call(), deadlineMs: Date.now() + 9 * dayMs }
  await expect((await after(1)).launch(launch, lateCall)).rejects.toMatchObject({ code: 'launch-spent' })
  const { instances } = await (await after(2)).launch(launch, lateCall)
  expect(instances).toHaveLength(1)
})

test('an instance that nobody started within a minute has failed, cannot start any more, and is cleared away', async () => {
  const { provider, open, folder, list, end } = await bench()
  const launch = await request(provider, 'sleep 1000')
  const { instances } = await provider.launch(launch, call())
  for (const instance of instances) await end(instance)
  const unit = join(folder, 'launches', launchId(), '0')
  mkdirSync(join(unit, 'home'), { recursive: true })
  writeFileSync(join(unit, 'user-data'), 'exit 0')
  const [shown] = await list()
  // Its launch record is missing, as after a power cut: expired, so that it is reaped.
  expect(shown).toMatchObject({ state: 'failed', fault: 'it was never started', ownership: { expiresAt: 0 } })
  expect(shown && (await (await open()).terminate(shown, call()))).toBe('gone')
  expect(await list()).toEqual([])
})

test('a list that meets what it cannot read throws', async () => {
  const { provider, folder, list } = await bench()
  await provider.launch(await request(provider, 'sleep 1000'), call())
  const odd = join(folder, 'launches', `z${launchId().slice(1)}`)
  mkdirSync(join(odd, '0'), { recursive: true })
  mkdirSync(join(odd, 'launch.json'))
  await expect(list()).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('EISDIR') })
  rmSync(odd, { recursive: true })
  expect(await list()).toHaveLength(1)
})

test('a foreign instance is neither ended, marked, read nor listed', async () => {
  const { provider, open, list } = await bench()
  const theirs = await open({ owner: 'somebody-else' })
  const { instances } = await theirs.launch(await request(theirs, 'sleep 1000'), call())
  for (const ref of instances) {
    await expect(provider.terminate(ref, call())).rejects.toMatchObject({ code: 'not-owned' })
    await expect(provider.mark?.(ref, { expiresAt: 0 }, call())).rejects.toMatchObject({ code: 'not-owned' })
    await expect(provider.consoleTail?.(ref, call())).rejects.toMatchObject({ code: 'not-owned' })
    expect(await list()).toEqual([])
    expect(processesWith(`AGENTCTL_INSTANCE=${ref.id}`)).not.toEqual([])
    while ((await theirs.terminate(ref, call())) !== 'gone') await clock.sleep(20)
  }
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
