import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { idleSpec } from './idle.ts'
import {
  bench,
  bootTitle,
  call,
  canBoot,
  eventually,
  hostOf,
  processesWith,
  qemuOf,
  qmpCommand,
  request,
  tinySpec,
} from './support.ts'

const mark = (id: string) => `AGENTCTL_INSTANCE=${id}\0`

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('a guest that reboots ends', async () => {
    const { provider, reach } = await bench()
    const launch = await request(provider, 'reboot -f')
    await provider.launch(launch, call())
    expect((await reach(launch.launchId, 'stopped')).fault).toBe('its guest rebooted, which ends it')
  })

  test('terminate presses the power button first', async () => {
    const { provider, reach, says, end } = await bench()
    const launch = await request(provider, 'echo at-work', { spec: tinySpec({ 'stop-grace': '20s' }) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    await says(running, 'at-work')
    expect(await provider.terminate(running, call())).toBe('accepted')
    const stopped = await reach(launch.launchId, 'stopped')
    expect(stopped.fault).toBe('stopped when asked to')
    expect(await provider.consoleTail?.(stopped, call())).toContain('tiny: power button')
    await end(stopped)
  })

  test('a guest that ignores the power button is ended after its stop grace', async () => {
    const { provider, root, reach } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    expect(await provider.terminate(running, call())).toBe('accepted')
    expect((await reach(launch.launchId, 'stopped')).fault).toBe('stopped when asked to')
    expect(processesWith(mark(running.id))).toEqual([])
  })

  test('QEMU that is killed: failed, and terminate clears it away', async () => {
    const { provider, root, reach, list } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    process.kill(qemuOf(running.id) ?? 0, 'SIGKILL')
    const failed = await reach(launch.launchId, 'failed')
    expect(failed.fault).toBe('QEMU ended without its guest having powered off (SIGKILL)')
    expect(await provider.terminate(failed, call())).toBe('gone')
    expect(await list()).toEqual([])
  })

  test('a guest host that is killed takes its machine with it: failed', async () => {
    const { provider, root, reach } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    process.kill(hostOf(running.id) ?? 0, 'SIGKILL')
    const failed = await reach(launch.launchId, 'failed')
    expect(failed.fault).toBe('its guest host was ended from outside')
    await eventually('QEMU gone', () => processesWith(mark(running.id)).length === 0)
    expect(await provider.terminate(failed, call())).toBe('gone')
  })

  test('a guest host that hangs is ended with its machine after the stop grace', async () => {
    const { provider, root, reach, end } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    process.kill(hostOf(running.id) ?? 0, 'SIGSTOP')
    expect(await provider.terminate(running, call())).toBe('accepted')
    await end(running)
    expect(processesWith(mark(running.id))).toEqual([])
  })

  test('a machine that somebody quits has failed; one that is paused still runs, and says so', async () => {
    const { provider, root, folder, reach, list } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    await reach(launch.launchId, 'running')
    const unit = join(folder, 'launches', launch.launchId, '0')
    await qmpCommand(unit, 'stop')
    await eventually('paused', async () => (await list())[0]?.fault === 'somebody has paused it')
    await qmpCommand(unit, 'quit')
    expect((await reach(launch.launchId, 'failed')).fault).toMatch(/^QEMU ended without/)
  })

  test('QEMU that refuses its arguments: failed, and the console says why', async () => {
    const { provider, root, reach } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root, { smbios: ['type=1,nonsense=1'] }) })
    await provider.launch(launch, call())
    const failed = await reach(launch.launchId, 'failed')
    expect(failed.fault).toMatch(/^QEMU could not be started/)
    expect(await provider.consoleTail?.(failed, call())).toContain('nonsense')
  })

  test('an instance whose folder is removed by hand ends itself', async () => {
    const { provider, root, folder, reach } = await bench()
    const launch = await request(provider, '', { spec: idleSpec(root) })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    const path = join(folder, 'launches', launch.launchId)
    rmSync(path, { recursive: true })
    await eventually('machine gone', () => processesWith(mark(running.id)).length === 0)
    expect(existsSync(path)).toBe(false)
  })
})
