import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import type { Context } from '../../plugins/qemu/src/context.ts'
import { ownerPaths } from '../../plugins/qemu/src/paths.ts'
import { qemuProvider } from '../../plugins/qemu/src/provider.ts'
import { idleSpec } from './idle.ts'
import {
  type Bench,
  bench,
  bootTitle,
  call,
  canBoot,
  clock,
  filesBelow,
  processesWith,
  request,
  silentLog,
} from './support.ts'

/** A second provider on the bench's state folder that starts nothing, as a controller that is killed in between. */
function startless({ root }: Bench) {
  const context: Context = {
    root,
    owner: 'acme-ci',
    paths: ownerPaths(root, 'acme-ci'),
    scope: { account: 'here', region: 'local' },
    clock,
    random: { next: Math.random },
    log: silentLog,
    environment: { PATH: process.env.PATH ?? '' },
    accelFor: async () => ({ name: 'tcg', why: 'the test says so' }),
    start: async () => undefined,
  }
  return qemuProvider(context)
}

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  const secret = `token-${Date.now()}-of-the-test`

  test('user data of a running machine is in no file, no argument and no environment', async () => {
    const { provider, root, reach } = await bench()
    const launch = await request(provider, secret, { spec: idleSpec(root) })
    await provider.launch(launch, call())
    await reach(launch.launchId, 'running')
    expect(filesBelow(root).filter(path => readFileSync(path, 'latin1').includes(secret))).toEqual([])
    expect(processesWith(secret, 'environ')).toEqual([])
    expect(processesWith(secret, 'cmdline')).toEqual([])
  })

  test('before it runs, it is in one file for its user alone; the next launch starts it, terminate needs no start', async () => {
    const there = await bench()
    const { root, folder, end } = there
    const provider = startless(there)
    const launch = await request(provider, secret, { spec: idleSpec(root), count: 2 })
    const { instances } = await provider.launch(launch, call())
    expect(instances.map(({ state }) => state)).toEqual(['pending', 'pending'])
    const unit = join(folder, 'launches', launch.launchId, '0')
    const holding = filesBelow(unit).filter(path => readFileSync(path, 'latin1').includes(secret))
    expect(holding).toEqual([join(unit, 'seed.iso')])
    const inside = ['.', 'launches', `launches/${launch.launchId}`].map(name => join(folder, name))
    const modes = [...inside, ...filesBelow(unit), unit].map(path => statSync(path).mode & 0o077)
    expect(modes.filter(mode => mode !== 0)).toEqual([])
    for (const instance of instances) await end(instance)
    expect(existsSync(unit)).toBe(false)
  })
})
