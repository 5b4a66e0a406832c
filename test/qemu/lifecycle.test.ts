import { describe, expect, test } from 'vitest'
import { bench, bootTitle, call, canBoot, processesWith, request } from './support.ts'

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('a machine runs its user data, powers off, keeps its console, and is cleared away', async () => {
    const { provider, reach, end, list } = await bench()
    const launch = await request(provider, 'echo hello-from-user-data; poweroff -f')
    const { instances, shortfall } = await provider.launch(launch, call())
    expect(shortfall).toBeUndefined()
    expect(instances).toMatchObject([{ kind: 'instance', id: `${launch.launchId}.0`, unitIndex: 0 }])
    const stopped = await reach(launch.launchId, 'stopped')
    const tail = await provider.consoleTail?.(stopped, call())
    expect(stopped.fault, tail).toBe('powered off by itself')
    expect(tail).toContain('hello-from-user-data')
    expect(tail).toContain('accel=tcg because the settings ask for it')
    await expect(provider.launch(launch, call())).rejects.toMatchObject({ code: 'launch-spent' })
    expect(await provider.terminate(stopped, call())).toBe('gone')
    expect(await list()).toEqual([])
    await end(stopped)
    await expect(provider.launch(launch, call())).rejects.toMatchObject({ code: 'launch-spent' })
    expect(processesWith(launch.launchId)).toEqual([])
  })
})
