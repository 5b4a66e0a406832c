import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Arm, azure, call, depsFor, newBench, startArm } from './support.ts'

let arm: Arm
beforeAll(async () => {
  arm = await startArm()
  arm.cloud.secrets.set('agent-token', 'the-token-itself')
  arm.cloud.secrets.set('locked', 'forbidden')
}, 60_000)
afterAll(() => arm[Symbol.asyncDispose]())

function read(name: string, env: Readonly<Record<string, string>> = arm.env): Promise<string> {
  const deps = depsFor(arm, 'acme', { env })
  return azure.readSecret?.(`azure-keyvault:${arm.base}/secrets/${name}`, deps) ?? Promise.reject()
}

describe('a secret of Key Vault', { timeout: 60_000 }, () => {
  it('is read, its newest version or one', async () => {
    expect(await read('agent-token')).toBe('the-token-itself')
    expect(await read(`agent-token/${'0a'.repeat(16)}`)).toBe('the-token-itself')
  })

  it('is stored, and read again', async () => {
    const store = (name: string) =>
      azure.writeSecret?.(`azure-keyvault:${arm.base}/secrets/${name}`, 'a-new-token', depsFor(arm, 'acme'))
    await store('new-token')
    expect(await read('new-token')).toBe('a-new-token')
    await expect(store('locked')).rejects.toMatchObject({
      code: 'permission-denied',
      hint: expect.stringContaining('setSecret/action'),
    })
    await expect(store(`new-token/${'0a'.repeat(16)}`)).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('that is not there is a wrong reference', async () => {
    await expect(read('nothing')).rejects.toMatchObject({
      code: 'invalid-spec',
      message: expect.stringContaining('nothing'),
    })
  })

  it('that may not be read names the right', async () => {
    await expect(read('locked')).rejects.toMatchObject({
      code: 'permission-denied',
      hint: expect.stringContaining('getSecret/action'),
    })
  })

  it('with a wrong login says what to check, and tells no secret', async () => {
    const wrong = { ...arm.env, AZURE_CLIENT_SECRET: 'a-wrong-secret' }
    const error = await read('agent-token', wrong).catch(thrown => thrown)
    expect(error).toMatchObject({ code: 'unauthenticated', hint: expect.any(String) })
    expect(JSON.stringify(error) + error.message).not.toContain('a-wrong-secret')
  })

  it.each([
    'azure-keyvault:my-secret',
    'azure-keyvault:http://v/secrets/a',
    'azure-keyvault:https://v/keys/a',
  ])('is not named by %s', async ref => {
    await expect(azure.readSecret?.(ref, depsFor(arm, 'acme'))).rejects.toMatchObject({
      code: 'invalid-spec',
    })
  })
})

describe('credentials', { timeout: 60_000 }, () => {
  it('that are missing are told with what to set, before anything is sent', async () => {
    const { AZURE_CLIENT_ID: _, ...env } = arm.env
    const before = Object.values(arm.calls()).length
    await expect(newBench(arm, {}, { env })).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('AZURE_CLIENT_ID'),
    })
    expect(Object.values(arm.calls())).toHaveLength(before)
  })

  it('that are wrong are unauthenticated', async () => {
    const env = { ...arm.env, AZURE_CLIENT_SECRET: 'a-wrong-secret' }
    await expect(newBench(arm, {}, { env })).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('before a launch', { timeout: 60_000 }, () => {
  it('all that is missing is found by reads alone', async () => {
    const bench = await newBench(arm, { sizes: ['Standard_D2s_v5', 'Standard_E2s_v5'], market: ['spot'] })
    Object.assign(arm.knobs, {
      actions: ['Microsoft.Compute/*', 'Microsoft.Network/*/read', 'Microsoft.Authorization/*/read'],
      coresMax: 1,
    })
    const findings = await bench.provider.preflight(bench.spec, call())
    const problems = findings.filter(({ level }) => level === 'problem')
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('Standard_E2s_v5 is not for this subscription'),
      'Microsoft.Network/networkInterfaces/write is missing',
      'Microsoft.Network/networkInterfaces/delete is missing',
      'Microsoft.Network/networkInterfaces/join/action is missing',
      'Microsoft.Network/publicIPAddresses/delete is missing',
      'Microsoft.Network/publicIPAddresses/write is missing',
      'Microsoft.Network/publicIPAddresses/join/action is missing',
      'Microsoft.Network/virtualNetworks/subnets/join/action is missing',
      expect.stringContaining('cores are free in lowPriorityCores'),
    ])
    expect(findings.some(({ level }) => level === 'unproven')).toBe(true)
    Object.assign(arm.knobs, { actions: ['*'], coresMax: 400 })
  })

  it.each([
    [{ image: 'Canonical:ubuntu-24_04-lts:server-arm64:latest' }, 'Standard_D2s_v5 is x64, the image arm64'],
    [{ sizes: ['Standard_X1'] }, 'Standard_X1 is not in westeurope'],
    [{ sizes: ['Standard_A1_v2'], market: ['spot'] }, 'Standard_A1_v2 is not sold as spot'],
    [{ 'ephemeral-disk': 'on' }, 'Standard_D2s_v5 has no room for an ephemeral disk of 30 GB'],
    [
      { image: 'Canonical:ubuntu-24_04-lts:server-gen1:latest', 'trusted-launch': 'on' },
      'Standard_D2s_v5 with this image has no trusted launch',
    ],
  ])('%o is refused', async (change, message) => {
    await expect(newBench(arm, change)).rejects.toMatchObject({
      code: 'invalid-spec',
      problems: [{ path: 'spec.sizes[0]', message }],
    })
  })

  it('offerings are markets, then sizes, then zones, and the newest image is one version', async () => {
    const { resolved } = await newBench(arm, {
      sizes: ['Standard_D2ds_v5', 'Standard_D2s_v5'],
      zones: ['2', '1'],
      market: ['spot', 'on-demand'],
    })
    expect(resolved.offerings.map(({ id }) => id)).toEqual(
      ['spot', 'on-demand'].flatMap(market =>
        ['Standard_D2ds_v5', 'Standard_D2s_v5'].flatMap(size =>
          ['2', '1'].map(zone => `${size}/westeurope-${zone}/${market}`),
        ),
      ),
    )
    expect(resolved.details).toMatchObject({
      image: { reference: { version: '24.04.202611150' }, architecture: 'x64' },
      sizes: {
        Standard_D2ds_v5: { ephemeral: 'ResourceDisk', isTrusted: true },
        Standard_D2s_v5: { isTrusted: true },
      },
    })
  })

  it.each([
    'galleries/ci_images/images/agent-arm64',
    'galleries/ci_images/images/agent-arm64/versions/1.0.0',
  ])('the image %s is for arm64', async path => {
    const image = `/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/network/providers/Microsoft.Compute/${path}`
    const bench = await newBench(arm, { image, sizes: ['Standard_D2ps_v5'] })
    expect(await bench.launch()).toHaveLength(1)
    expect(await bench.sweep()).toEqual([])
  })
})

describe('the console', { timeout: 60_000 }, () => {
  it('is the end of the serial log, also when the machine is off', async () => {
    const bench = await newBench(arm)
    const [instance] = await bench.launch()
    if (!instance) throw new Error('no instance')
    expect(await bench.provider.consoleTail?.(instance, call())).toBe('')
    arm.writeConsole(instance.id, `${'x'.repeat(70_000)}agentctl: phase=agent-started t=12.3\n\0\0`)
    arm.powerOff(instance.id)
    const tail = (await bench.provider.consoleTail?.(instance, call())) ?? ''
    expect(tail).toMatch(/agent-started t=12\.3\n$/)
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(65_536)
    expect(await bench.sweep()).toEqual([])
  })
})
