import { tagNames } from '@agentctl/contract'
import gcp from '@agentctl/provider-gcp'
import { afterAll, describe, expect, it } from 'vitest'
import { withMethods } from '../../plugins/gcp/src/descriptions.ts'
import { endpointOf } from '../../plugins/gcp/src/endpoint.ts'
import { requestIdOf } from '../../plugins/gcp/src/ids.ts'
import { escaped, labelsFor, markedLabels, ownershipOf, unescaped } from '../../plugins/gcp/src/labels.ts'
import { startGce } from '../clouds/gce/index.ts'
import { baseSpec, callFor, depsFor, launched, openGcp, requestFor } from './support.ts'

const gce = await startGce()
afterAll(() => gce[Symbol.asyncDispose]())
const provider = await openGcp(gce, 'acme')
const resolved = (spec: object) => provider.resolve(provider.parseSpec({ ...baseSpec, ...spec }), callFor())
const problemsOf = (spec: object): readonly string[] => {
  try {
    provider.parseSpec({ ...baseSpec, ...spec })
    return []
  } catch (error) {
    return (error as { problems: { path: string; message: string }[] }).problems.map(one => one.path)
  }
}

describe('a spec', () => {
  it.each<[string, object, readonly string[]]>([
    ['zones of another region', { zones: ['test-west1-a', 'test-east1-a'] }, ['spec.zones[1]']],
    ['no type', { types: [] }, ['spec.types']],
    ['a market that is none', { market: ['cheap'] }, ['spec.market[0]']],
    ['a label of ours', { labels: { 'agentctl-owner': 'x' } }, ['spec.labels.agentctl-owner']],
    [
      'metadata that would run beside the agent',
      { metadata: { 'startup-script': 'x' } },
      ['spec.metadata.startup-script'],
    ],
    ['what is not known, and a bad region', { region: 'X', size: 1 }, ['spec.region', 'spec.size']],
  ])('with %s is refused', (_, spec, paths) => expect(problemsOf(spec)).toEqual(paths))

  it('takes its project from itself, the settings, the environment, in this order', async () => {
    const env = { GOOGLE_OAUTH_ACCESS_TOKEN: 't' }
    const open = (change: object) => gcp.open({ ...depsFor(gce, 'acme'), ...change })
    const projectOf = async (change: object, spec: object = {}) => {
      const one = await open(change)
      return one.scopes([one.parseSpec({ ...baseSpec, ...spec })])[0]?.account
    }
    const settings = { project: 'from-settings' }
    const variables = { ...env, CLOUDSDK_CORE_PROJECT: 'from-gcloud' }
    expect(await projectOf({ settings, env: variables }, { project: 'from-spec' })).toBe('from-spec')
    expect(await projectOf({ settings, env: variables })).toBe('from-settings')
    expect(await projectOf({ settings: undefined, env: variables })).toBe('from-gcloud')
    await expect(projectOf({ settings: undefined, env })).rejects.toMatchObject({
      problems: [{ path: 'spec.project' }],
    })
    await expect(open({ settings: { projct: 'x' } })).rejects.toMatchObject({ code: 'invalid-spec' })
  })

  it('resolves to the newest image of a family, and the zones that have the type', async () => {
    const { offerings, details } = await resolved({
      image: 'projects/acme-project/global/images/family/agent-arm',
      types: ['t2a-standard-1'],
    })
    expect(offerings.map(({ id }) => id)).toEqual([
      't2a-standard-1/test-west1-a/on-demand',
      't2a-standard-1/test-west1-b/on-demand',
    ])
    const image = 'projects/acme-project/global/images/agent-arm-1'
    expect(details).toMatchObject({ image, architecture: 'ARM64' })
  })

  it.each<[string, object, string]>([
    ['a type of another architecture', { types: ['t2a-standard-1'] }, 'is ARM64, the image is X86_64'],
    ['a type that no zone has', { types: ['n9-huge'] }, 'is in no zone of test-west1'],
    [
      'a type that its zones do not have',
      { image: 'agent-arm-1', types: ['t2a-standard-1'], zones: ['test-west1-c'] },
      'is in no zone of test-west1-c',
    ],
    ['an image that is not there', { image: 'nothing' }, 'there is no image nothing'],
    ['a family that is not there', { image: 'family/none' }, 'there is no family of images family/none'],
    [
      'a disk that the image does not fit on',
      { image: 'projects/public-images/global/images/family/debian-12', 'disk-gb': 10 },
      "is less than the image's 20",
    ],
  ])('with %s does not resolve', async (_, spec, message) => {
    await expect(resolved(spec)).rejects.toMatchObject({
      code: 'invalid-spec',
      problems: [{ message: expect.stringContaining(message) }],
    })
  })

  it('becomes a machine with a deadline of the platform, a closed face and no account', async () => {
    const expiresAt = Date.now() + 3_600_000
    const machine = await launched(provider, { expiry: { at: expiresAt } })
    const { instance } = gce.cloud.machines.get(machine.id) ?? {}
    expect(instance).toMatchObject({
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      scheduling: {
        provisioningModel: 'STANDARD',
        automaticRestart: false,
        instanceTerminationAction: 'DELETE',
        terminationTime: new Date(expiresAt - 30_000).toISOString(),
      },
      disks: [{ boot: true, autoDelete: true }],
    })
    expect(instance?.serviceAccounts).toBeUndefined()
    expect(instance?.networkInterfaces?.[0]?.accessConfigs).toBeUndefined()
    const [disk] = gce.cloud.disks.values()
    expect(disk?.labels).toEqual(instance?.labels)
  })

  it('gives what it is asked to give', async () => {
    const machine = await launched(provider, {
      expiry: { afterMs: 3_600_000 },
      spec: {
        market: ['spot'],
        'disk-gb': 50,
        network: 'ci',
        subnetwork: 'ci-subnet',
        'external-address': true,
        'network-tags': ['ci'],
        'service-account': 'cache@acme-project.iam.gserviceaccount.com',
        'secure-boot': false,
        labels: { team: 'a' },
        metadata: { 'enable-oslogin': 'TRUE' },
      },
    })
    expect(machine.offeringId).toBe('e2-small/test-west1-a/spot')
    expect(gce.cloud.machines.get(machine.id)?.instance).toMatchObject({
      scheduling: { provisioningModel: 'SPOT', maxRunDuration: { seconds: '3570' } },
      networkInterfaces: [{ accessConfigs: [{ natIP: expect.any(String) }] }],
      serviceAccounts: [{ email: 'cache@acme-project.iam.gserviceaccount.com' }],
      shieldedInstanceConfig: { enableSecureBoot: false },
      tags: { items: ['ci'] },
      labels: { team: 'a', 'agentctl-owner': 'acme' },
      metadata: { items: [{ key: 'enable-oslogin' }, { key: 'user-data' }, { key: 'user-data-encoding' }] },
    })
    expect(provider.connect?.(machine).command.join(' ')).toMatch(
      /^gcloud compute ssh \w+ --zone=test-west1-a/,
    )
  })
})

describe('preflight', () => {
  const wrongs = async (spec: object) =>
    (await provider.preflight(provider.parseSpec({ ...baseSpec, ...spec }), callFor()))
      .filter(({ level }) => level === 'problem')
      .map(({ subject, message }) => `${subject}: ${message}`)

  it('finds nothing wrong where nothing is, and says what it did not look at', async () => {
    expect(await wrongs({})).toEqual([])
    const findings = await provider.preflight(provider.parseSpec(baseSpec), callFor())
    expect(findings.filter(({ level }) => level === 'unproven').map(({ subject }) => subject)).toEqual([
      'internet',
    ])
  })

  it('names every permission that is missing', async () => {
    gce.knobs.missingPermissions = new Set([
      'compute.instances.create',
      'compute.instances.setServiceAccount',
    ])
    expect(await wrongs({})).toEqual(['permissions: missing on acme-project: compute.instances.create'])
    const account = 'cache@acme-project.iam.gserviceaccount.com'
    expect(await wrongs({ 'service-account': account })).toEqual([
      'permissions: missing on acme-project: compute.instances.create, compute.instances.setServiceAccount',
    ])
    gce.knobs.missingPermissions.clear()
  })

  it('names networks, quotas and types that are wrong', async () => {
    gce.knobs.instancesMax = 0
    const found = await wrongs({ network: 'nowhere', types: ['e2-small', 'n9-huge'] })
    gce.knobs.instancesMax = Number.POSITIVE_INFINITY
    expect(found).toEqual([
      'spec.types[1]: n9-huge is in no zone of test-west1',
      expect.stringMatching(/^quota: INSTANCES: \d+ of 0 used$/),
      'network: there is no network nowhere',
    ])
  })
})

describe('rights', () => {
  const request = { owner: 'acme', settings: undefined, specs: [baseSpec], secrets: [], tokenBuckets: [] }

  it('are those that preflight asks for, by what is in use', () => {
    const plain = gcp.rights?.(request).document as { includedPermissions: string[] }
    expect(plain.includedPermissions).toContain('compute.instances.create')
    expect(plain.includedPermissions).not.toContain('compute.instances.setServiceAccount')
    const spec = { ...baseSpec, 'service-account': 'a@b.iam.gserviceaccount.com', 'external-address': true }
    const { document, note } = gcp.rights?.({
      ...request,
      specs: [spec],
      secrets: ['gcp-secret:projects/p/secrets/token/versions/latest'],
      cache: { bucket: 'acme-cache', access: 'role' },
    }) ?? { document: {}, note: '' }
    expect((document as typeof plain).includedPermissions).toEqual(
      expect.arrayContaining([
        'compute.instances.setServiceAccount',
        'compute.subnetworks.useExternalIp',
        'iam.serviceAccounts.create',
        'storage.buckets.create',
      ]),
    )
    expect(note).toContain('add-iam-policy-binding a@b.iam.gserviceaccount.com')
    expect(note).toContain('gcloud secrets add-iam-policy-binding token --project p')
  })
})

describe('labels', () => {
  it.each(['', 'plain-1', 'With/Slash_and Capitals+', 'ünïcode', 'a'.repeat(63)])(
    'hold %s reversibly',
    text => {
      expect(escaped(text)).toMatch(/^[a-z0-9_-]*$/)
      expect(unescaped(escaped(text))).toBe(text)
    },
  )

  it('hold the longest and oddest that the contract allows', async () => {
    const unit = {
      index: 0,
      attempt: 12,
      name: `${'A/b_c+'.repeat(13)}XY`,
      jobId: 'c91ef1f2-9b83-41cd-9a3d-2ce2e69b0b00',
    }
    const request = { ...(await requestFor(provider)), agentType: 's1-Große/Typen_1', units: [unit] }
    const labels = labelsFor('acme', request)
    for (const [key, value] of Object.entries(labels)) {
      expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/)
      expect(value).toMatch(/^[a-z0-9_-]{0,63}$/)
    }
    expect(Object.keys(labels).length).toBeLessThanOrEqual(24)
    const { digest, launchId, pool, agentType } = request
    expect(ownershipOf(labels, 'acme', 0)).toMatchObject({ digest, launchId, pool, agentType, units: [unit] })
    expect(ownershipOf(labels, 'other', 0)).toBeUndefined()
    // A person searches for a job by its own id.
    expect(labels['agentctl-job']).toBe(unit.jobId)
  })

  it('change in nothing but what was marked', () => {
    const labels = { [tagNames.owner]: 'acme', team: 'a', 'agentctl-expires-after': '5' }
    const held = markedLabels(labels, { expiresAt: 10_000, holdUntil: 5_000 })
    expect(held).toEqual({
      [tagNames.owner]: 'acme',
      team: 'a',
      [tagNames.expiresAt]: '10',
      [tagNames.holdUntil]: '5',
    })
    expect(markedLabels(held, { holdUntil: 0 })[tagNames.holdUntil]).toBeUndefined()
    expect(markedLabels(held, { expiresAt: 20_000 })[tagNames.holdUntil]).toBe('5')
  })
})

describe('small things', () => {
  it('a request id is a UUID that follows from launch and digest', () => {
    const id = requestIdOf('launch', 'digest')
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(requestIdOf('launch', 'digest')).toBe(id)
    expect(requestIdOf('launch', 'other')).not.toBe(id)
  })

  it('an endpoint is overridden by the variable of gcloud', () => {
    const name = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE'
    expect(endpointOf('compute', {})).toMatchObject({
      host: 'compute.googleapis.com',
      port: 443,
      isOverridden: false,
    })
    expect(endpointOf('compute', { [name]: 'https://compute-x.p.googleapis.com/compute/v1/' })).toEqual({
      protocol: 'https',
      host: 'compute-x.p.googleapis.com',
      port: 443,
      isOverridden: true,
    })
    expect(() => endpointOf('compute', { [name]: 'x' })).toThrow(name)
  })

  it('of the descriptions only the methods and what they speak of are kept', () => {
    const message = (type: string) => ({ fields: { one: { type } } })
    const v1 = {
      Get: message('Thing'),
      Thing: { ...message('.google.cloud.compute.v1.Part.Kind'), nested: { Own: message('Deep') } },
      Part: { nested: { Kind: {} } },
      Deep: {},
      Other: {},
      Things: {
        methods: {
          Get: { requestType: 'Get', responseType: 'Thing' },
          List: { requestType: 'Other', responseType: 'Other' },
        },
      },
    }
    const versions = { v1: { nested: v1 }, v1beta: { nested: v1 } }
    const whole = {
      nested: { google: { nested: { cloud: { nested: { compute: { nested: versions } } }, api: {} } } },
    }
    const { google } = withMethods(whole, { Things: ['Get'] }).nested ?? {}
    const compute = google?.nested?.cloud?.nested?.compute?.nested ?? {}
    expect(Object.keys(google?.nested ?? {})).toEqual(['cloud', 'api'])
    expect(Object.keys(compute)).toEqual(['v1'])
    expect(Object.keys(compute.v1?.nested ?? {}).toSorted()).toEqual([
      'Deep',
      'Get',
      'Part',
      'Thing',
      'Things',
    ])
    expect(Object.keys(compute.v1?.nested?.Things?.methods ?? {})).toEqual(['Get'])
  })
})
