import { type Clock, isContractError, type LaunchRequest, type Offering } from '@agentctl/contract'
import { sampleDigest, sampleLaunchId, sampleUnits } from '@agentctl/contract/testing'
import { describe, expect, it } from 'vitest'
import type { Arm } from '../../plugins/azure/src/arm.ts'
import { machineBody } from '../../plugins/azure/src/body.ts'
import { readImage } from '../../plugins/azure/src/image-name.ts'
import { machineName, partName, readName } from '../../plugins/azure/src/names.ts'
import { powerStates, provisioningStates, stateOf } from '../../plugins/azure/src/observe.ts'
import { follow, outcomeOf } from '../../plugins/azure/src/operation.ts'
import { createPace } from '../../plugins/azure/src/pace.ts'
import { missingIn } from '../../plugins/azure/src/permissions.ts'
import type { Details } from '../../plugins/azure/src/resolve.ts'
import { parseSettings } from '../../plugins/azure/src/settings.ts'
import { parseSpec } from '../../plugins/azure/src/spec.ts'
import { nobodysKey } from '../../plugins/azure/src/ssh-key.ts'
import { ownershipByName, ownershipOf, tagsFor } from '../../plugins/azure/src/tags.ts'

const launchId = sampleLaunchId('pure')
const subscription = '11111111-2222-4333-8444-555555555555'
const subnet = `/subscriptions/${subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/ci/subnets/agents`
const settings = parseSettings({ subscription }, {})
const spec = { location: 'westeurope', image: 'a:b:c:latest', sizes: ['Standard_D2s_v5'], subnet }

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (isContractError(error)) return (error.problems ?? []).map(({ path, message }) => `${path} ${message}`)
  }
  return []
}

describe('a spec', () => {
  it('has its place from the settings, and a group of its owner', () => {
    expect(parseSpec(spec, settings, 'acme')).toMatchObject({
      subscription,
      group: 'agentctl-acme',
      market: ['on-demand'],
    })
  })

  it('without any subscription says so, with all the rest', () => {
    const wrong = {
      ...spec,
      sizes: ['t3.micro'],
      zones: ['a'],
      image: 'ubuntu',
      'ssh-key': 'secret',
      tags: { 'agentctl-x': '' },
    }
    const problems = problemsOf(() => parseSpec(wrong, parseSettings({}, {}), 'acme'))
    for (const key of ['subscription', 'sizes[0]', 'zones[0]', 'image', 'ssh-key', 'tags']) {
      expect(problems.join('\n')).toContain(`spec.${key}`)
    }
  })

  it.each([
    ['Canonical:ubuntu-24_04-lts:server:latest', { kind: 'urn', sku: 'server', version: 'latest' }],
    [
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/ci/images/agent/versions/1.0.0`,
      { kind: 'gallery', gallery: 'ci', name: 'agent' },
    ],
    [
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/agent`,
      { kind: 'image', group: 'g', name: 'agent' },
    ],
  ])('names the image %s', (text, expected) => {
    expect(readImage(text)).toMatchObject(expected)
    expect(parseSpec({ ...spec, image: text }, settings, 'acme').image).toBe(text)
  })
})

describe('settings', () => {
  it('are the public cloud, with instances discovered, unless they say otherwise', () => {
    expect(settings).toMatchObject({ endpoint: 'https://management.azure.com', authority: undefined })
    const china = {
      endpoint: 'https://management.chinacloudapi.cn/',
      authority: 'https://login.chinacloudapi.cn',
    }
    expect(parseSettings(china, {})).toMatchObject({
      audience: 'https://management.chinacloudapi.cn',
      authority: china.authority,
    })
  })

  it('refuse what they do not know', () => {
    expect(problemsOf(() => parseSettings({ endpoint: 'http://plain', region: 'x' }, {}))).toHaveLength(2)
  })
})

describe('names', () => {
  it('say whose a part is, and of which launch, whatever the case', () => {
    const machine = machineName('acme-ci', launchId)
    expect(readName(machine)).toEqual({ owner: 'acme-ci', launchId })
    expect(readName(partName(machine, 'disk').toUpperCase())).toEqual({ owner: 'acme-ci', launchId })
    expect(readName('somebody-elses-disk')).toBeUndefined()
    expect(machineName(`a${'b'.repeat(30)}`, launchId).length).toBeLessThanOrEqual(64)
  })

  it('of one owner are not taken for those of another', () => {
    const disk = partName(machineName('acme-ci', launchId), 'disk')
    expect(ownershipByName(disk, 'acme-ci')).toMatchObject({ owner: 'acme-ci', launchId })
    for (const other of ['acme', 'ci', 'acme-c']) expect(ownershipByName(disk, other)).toBeUndefined()
  })
})

const offering: Offering = {
  id: 'Standard_D2s_v5/westeurope-2/spot',
  scope: { account: `${subscription}/ci-agents`, region: 'westeurope' },
  type: 'Standard_D2s_v5',
  zone: 'westeurope-2',
  market: 'spot',
}
const details: Details = {
  image: { reference: { id: 'image' }, architecture: 'x64', isGeneration2: true },
  subnet,
  hasAddress: false,
  diskType: 'StandardSSD_LRS',
  spotPriceMax: -1,
  adminUser: 'agentctl',
  tags: { team: 'ci' },
  sizes: { Standard_D2s_v5: { ephemeral: 'ResourceDisk', isTrusted: true } },
}
const request: LaunchRequest = {
  launchId,
  digest: sampleDigest('pure'),
  pool: 'linux',
  agentType: 's1',
  offering,
  resolved: { guest: 'linux', offerings: [offering], details },
  units: sampleUnits(launchId, 1),
  userData: Uint8Array.from([0, 255, 10]),
  expiry: { at: 1_800_000_000_123 },
}

describe('the request', () => {
  it('is the same for the same launch, and holds all that is asked for', () => {
    const body = machineBody('acme', request, details)
    expect(machineBody('acme', structuredClone(request), structuredClone(details))).toEqual(body)
    expect(body).toMatchObject({
      zones: ['2'],
      priority: 'Spot',
      evictionPolicy: 'Delete',
      tags: { team: 'ci', 'agentctl-owner': 'acme', 'agentctl-expires-at': '1800000000' },
      osProfile: { customData: 'AP8K' },
      securityProfile: { securityType: 'TrustedLaunch' },
      storageProfile: { osDisk: { diffDiskSettings: { placement: 'ResourceDisk' }, deleteOption: 'Delete' } },
    })
    expect(JSON.stringify(body)).not.toContain('publicIPAddressConfiguration')
  })

  it('carries tags that read back as they were written', () => {
    expect(ownershipOf(tagsFor('acme', request), 'acme', 0)).toMatchObject({
      owner: 'acme',
      launchId,
      units: request.units,
      expiresAt: 1_800_000_000_000,
    })
    const relative = tagsFor('acme', { ...request, expiry: { afterMs: 60_000 } })
    expect(ownershipOf(relative, 'acme', 1000)).toMatchObject({ expiresAt: 61_000 })
    expect(ownershipOf({ ...relative, 'agentctl-expires-at': '9' }, 'acme', 1000)).toMatchObject({
      expiresAt: 9000,
    })
    expect(ownershipOf({ ...relative, 'agentctl-hold-until': '0' }, 'acme', 1000)).not.toHaveProperty(
      'holdUntil',
    )
  })

  it('has a well-formed key of 2048 bits where none is given', () => {
    const [type, blob = '', comment] = nobodysKey.split(' ')
    const bytes = Buffer.from(blob, 'base64')
    const fields: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32BE(at)
      fields.push(bytes.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    expect([type, comment]).toEqual(['ssh-rsa', 'nobody'])
    expect(fields[0]?.toString()).toBe('ssh-rsa')
    expect(fields[1]).toEqual(Buffer.from([1, 0, 1]))
    const modulus = BigInt(`0x${fields[2]?.toString('hex')}`)
    expect(modulus.toString(2)).toHaveLength(2048)
    expect(modulus % 2n).toBe(1n)
    expect(String(modulus)).toMatch(/^25195908475657893494\d{586}22120720357$/)
  })
})

describe('states', () => {
  it.each(Object.entries(powerStates))('a machine whose power state is %s is %s', (power, state) => {
    expect(stateOf('Succeeded', power)).toBe(state)
  })

  it.each(Object.entries(provisioningStates).filter(([, state]) => state !== 'power'))(
    '%s is %s',
    (provisioning, state) => {
      expect(stateOf(provisioning, undefined)).toBe(state)
    },
  )

  it.each([
    ['Failed', 'running', 'running'],
    ['Failed', 'stopped', 'failed'],
    ['Creating', 'running', 'running'],
    ['Deleting', 'running', 'stopping'],
    ['Succeeded', undefined, undefined],
    ['Succeeded', 'hibernated', undefined],
    ['Reticulating', 'running', undefined],
  ])('%s and %s is %s', (provisioning, power, state) => {
    expect(stateOf(provisioning, power)).toBe(state)
  })
})

describe('an answer about an operation', () => {
  it.each([
    [202, undefined, 'under-way'],
    [200, { status: 'InProgress' }, 'under-way'],
    [200, { status: 'Succeeded' }, 'succeeded'],
    [200, { status: 'Failed', error: { code: 'AllocationFailed' } }, 'failed'],
    [200, { status: 'Canceled' }, 'failed'],
    [200, { name: 'the machine itself' }, 'succeeded'],
    [204, undefined, 'succeeded'],
    [409, { error: { code: 'AllocationFailed', message: 'm' } }, 'failed'],
    [404, { error: { code: 'NotFound', message: 'expired' } }, 'unclear'],
    [503, { error: { code: 'ServerBusy', message: 'm' } }, 'unclear'],
  ])('%i %o is %s', (status, body, is) => {
    expect(outcomeOf(status, body).is).toBe(is)
  })
})

describe('an operation without an end', () => {
  it('is looked at as often as Retry-After says, for 10 s, and then left to the lists', async () => {
    let now = 0
    const clock: Clock = {
      now: () => now,
      sleep: async ms => {
        now += ms
      },
    }
    const looks: number[] = []
    const get: Arm['get'] = async () => {
      looks.push(now)
      const header = (name: string) => (name === 'retry-after' ? '3' : undefined)
      return { status: 200, header, body: { status: 'InProgress' } }
    }
    const { signal } = new AbortController()
    const operation = { url: 'https://management.azure.com/operations/1', retryAfterMs: 4000 }
    const outcome = await follow({ get }, operation, { clock, withinMs: 10_000, signal })
    expect(outcome).toEqual({ is: 'under-way' })
    expect(looks).toEqual([4000, 7000, 10_000])
  })
})

describe('rights', () => {
  it('are there by wildcards, and taken away by name', () => {
    const answer = {
      value: [{ actions: ['Microsoft.Compute/*'], notActions: ['Microsoft.Compute/*/delete'] }],
    }
    const wanted = [
      'Microsoft.Compute/virtualMachines/write',
      'Microsoft.Compute/virtualMachines/delete',
      'Microsoft.Network/x/read',
    ]
    expect(missingIn(answer, wanted)).toEqual(wanted.slice(1))
  })
})

describe('pace', () => {
  it('holds back calls of a kind of which next to nothing is left, until some have come again', () => {
    let now = 1000
    const clock: Clock = { now: () => now, sleep: async () => undefined }
    const pace = createPace(clock)
    pace.note(name => (name === 'x-ms-ratelimit-remaining-subscription-writes' ? '2' : undefined))
    expect(() => pace.assertRoom('launch')).toThrow(/writes/)
    expect(() => pace.assertRoom('terminate')).not.toThrow()
    now += 400
    expect(() => pace.assertRoom('launch')).not.toThrow()
  })
})
