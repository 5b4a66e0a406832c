import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { judgeProbe } from '../../plugins/qemu/src/accel.ts'
import { hostArch } from '../../plugins/qemu/src/effects.ts'
import { probeGuest } from '../../plugins/qemu/src/probe.ts'
import { idleSpec } from './idle.ts'
import { bench, bootTitle, call, canBoot, request, silentLog } from './support.ts'

const path = process.env.PATH ?? ''

test('a probe that ran means KVM; one that did not means emulation, with what it said', () => {
  expect(judgeProbe({ isRunning: true, said: '' })).toEqual({
    name: 'kvm',
    why: 'a probe guest ran under it',
  })
  expect(judgeProbe({ isRunning: false, said: '' }).why).toMatch(/it was not done after 5 s$/)
  const denied = judgeProbe({
    isRunning: false,
    said: 'Could not access KVM kernel module: Permission denied',
  })
  expect(denied).toEqual({ name: 'tcg', why: expect.stringMatching(/under KVM: .*Permission denied$/) })
})

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('the probe guest runs to its end, and one that is ended has not', async () => {
    expect(await probeGuest('x86_64', { path, accel: 'tcg', timeoutMs: 20_000 })).toEqual({
      isRunning: true,
      said: '',
    })
    expect(await probeGuest('x86_64', { path, accel: 'tcg', timeoutMs: 1 })).toMatchObject({
      isRunning: false,
    })
  })

  test('what it says is told aloud, kept for one boot of this host, and kept by a launch alone', async () => {
    const said: string[] = []
    const log = {
      ...silentLog,
      info: (text: string) => said.push(text),
      warn: (text: string) => said.push(text),
    }
    const { root, open, reach, says } = await bench()
    const provider = await open({ settings: {}, log })
    const spec = idleSpec(root, { arch: hostArch })
    const findings = await provider.preflight(provider.parseSpec(spec), call())
    const acceleration = findings.find(({ subject }) => subject === 'acceleration')
    expect(acceleration?.message).toMatch(/^(KVM|software emulation, many times slower than KVM): /)
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([])
    const kept = join(root, 'accel.json')
    expect(existsSync(kept)).toBe(false)
    const launch = await request(provider, '', { spec })
    await provider.launch(launch, call())
    await provider.launch(launch, call())
    expect(said).toEqual([expect.stringMatching(/^Machines run (under KVM|in software emulation)/)])
    const running = await reach(launch.launchId, 'running')
    if (!existsSync('/dev/kvm')) return
    const { name, why } = JSON.parse(readFileSync(kept, 'utf8')).byArch[hostArch]
    await says(running, `accel=${name} because ${why}`)
    // Another controller asks no probe guest again.
    const from = performance.now()
    await (await open({ settings: {} })).preflight(provider.parseSpec(spec), call())
    expect(performance.now() - from).toBeLessThan(3_000)
  })
})
