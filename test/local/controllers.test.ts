import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startController } from './controllers.ts'
import { bench, call, eventually, processesWith, request } from './support.ts'

test('an instance survives the SIGKILL of its controller, is found again, and ends by itself', async () => {
  const { provider, root, folder, reach } = await bench()
  const launch = await request(provider, 'until [ -e "$HOME/go" ]; do sleep 0.02; done; exit 5')
  const controller = startController({ root, launch, isStaying: true })
  expect(await controller.answer()).toEqual([`${launch.launchId}.0`])
  await controller.kill()
  const running = await reach(launch.launchId, 'running')
  writeFileSync(join(folder, 'launches', launch.launchId, '0', 'home', 'go'), '')
  expect((await reach(running.ownership.launchId, 'stopped')).fault).toContain('exit code 5')
})

test('many launches with one id, in this process and others, start each unit once', async () => {
  const { provider, root, list } = await bench()
  const launch = await request(provider, 'echo "run by $$" >> "$HOME/runs"; sleep 1000', { count: 2 })
  const others = [1, 2, 3].map(() => startController({ root, launch }))
  await Promise.all(others.map(other => other.ready()))
  await Promise.all(Array.from({ length: 10 }, () => provider.launch(launch, call())))
  for (const other of others) expect(await other.answer()).toHaveLength(2)
  const shown = await eventually('both running', async () => {
    const all = await list()
    return all.length === 2 && all.every(({ state }) => state === 'running') && all
  })
  for (const { id } of shown) {
    await eventually('one guest host', () => {
      const marked = processesWith(`AGENTCTL_INSTANCE=${id}\0`)
      return processesWith('guest/main.js', 'cmdline').filter(pid => marked.includes(pid)).length === 1
    })
    const tail = await eventually('started', async () =>
      provider.consoleTail?.(shown[0] ?? ({ id } as never), call()),
    )
    expect(tail.match(/isolation=/g)).toHaveLength(1)
  }
})

// Points in time, not in the code: together they fall between most of the steps of both verbs.
const killedAfterMs = [0, 1, 2, 4, 7, 12, 20]

test('a controller killed at any point of launch leaves what list shows and terminate ends', async () => {
  const { provider, root, folder, list, end } = await bench()
  for (const ms of killedAfterMs) {
    const launch = await request(provider, 'sleep 1000', { count: 3 })
    const controller = startController({ root, launch })
    await controller.ready()
    await sleep(ms)
    await controller.kill()
    const shown = await list()
    expect([0, 3]).toContain(shown.length)
    const { instances } = await provider.launch(launch, call())
    expect(instances).toHaveLength(3)
    for (const instance of instances) await end(instance)
    expect(existsSync(join(folder, 'launches', launch.launchId))).toBe(false)
    expect(processesWith(`AGENTCTL_INSTANCE=${launch.launchId}`)).toEqual([])
  }
})

test('a controller killed at any point of terminate leaves what list shows and terminate ends', async () => {
  const { provider, root, folder, end, reach } = await bench()
  for (const ms of killedAfterMs) {
    const launch = await request(provider, 'sleep 1000')
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    const controller = startController({ root, terminate: running })
    await controller.ready()
    await sleep(ms)
    await controller.kill()
    const unit = join(folder, 'launches', launch.launchId, '0')
    const [shown] = await Array.fromAsync(provider.list(running.scope, { launchId: launch.launchId }, call()))
    expect(shown !== undefined || !existsSync(unit)).toBe(true)
    await end(running)
    expect(existsSync(join(folder, 'launches', launch.launchId))).toBe(false)
    await expect(provider.launch(launch, call())).rejects.toMatchObject({ code: 'launch-spent' })
  }
})
