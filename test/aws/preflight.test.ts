import type { Provider } from '@agentctl/contract'
import { EC2 } from '@aws-sdk/client-ec2'
import { afterAll, describe, expect, it } from 'vitest'
import { openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { baseSpec, call, openAws } from './support.ts'

const missing = missingMoto()

async function anyGroup({ url, env }: Moto): Promise<string> {
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  }
  const ec2 = new EC2({ region: 'us-east-1', endpoint: url, credentials })
  const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups()
  return group?.GroupId ?? ''
}

const problems = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    thrown => thrown,
  )
  return (error?.problems ?? []).map(
    ({ path, message }: { path: string; message: string }) => `${path}: ${message}`,
  )
}

describe.skipIf(missing !== undefined)(
  `what a spec may not ask for${missing === undefined ? '' : ` (${missing})`}`,
  async () => {
    const moto = missing === undefined ? await startMoto() : (undefined as never)
    const front = missing === undefined ? await openFront(moto.url) : (undefined as never)
    const provider: Provider =
      missing === undefined
        ? await openAws(moto, 'careful', { AWS_ENDPOINT_URL: front.url })
        : (undefined as never)
    afterAll(async () => {
      await provider?.close()
      await front?.[Symbol.asyncDispose]()
      await moto?.[Symbol.asyncDispose]()
    })
    const resolving = (spec: object) => provider.resolve(provider.parseSpec({ ...baseSpec, ...spec }), call())
    const findings = (spec: object) =>
      provider.preflight(provider.parseSpec({ ...baseSpec, ...spec }), call())

    it.each([
      [
        'a region that is not there',
        { region: 'us-moon-1' },
        /^spec\.region: there is no region us-moon-1; there are .*eu-west-1/,
      ],
      [
        'an image that is not there',
        { image: 'ami-00000000' },
        /^spec\.image: there is no image ami-00000000 in us-east-1/,
      ],
      [
        'a parameter that is not there',
        { image: 'ssm:/nothing/here' },
        /^spec\.image: there is no parameter \/nothing\/here/,
      ],
      [
        'an image of no such name',
        { image: { name: 'nothing-*', owners: ['self'] } },
        /^spec\.image: there is no image nothing-\*/,
      ],
      [
        'a subnet that is not there',
        { subnets: ['subnet-00000000'] },
        /^spec\.subnets: us-east-1 has not all of subnet-00000000/,
      ],
      [
        'a type that is not there',
        { types: ['t3.micro', 'x9.huge'] },
        /^spec\.types\[1\]: us-east-1 has no instance type x9\.huge/,
      ],
      [
        'a type of another architecture',
        { types: ['t4g.micro'] },
        /^spec\.types\[0\]: t4g\.micro is arm64, and the image .* is x86_64/,
      ],
    ])('%s', async (_, spec, expected) => {
      const found = await problems(resolving(spec))
      expect(found).toEqual([expect.stringMatching(expected)])
    })

    it('every problem of a text at once, with its key', async () => {
      const found = await problems(
        Promise.resolve().then(() =>
          provider.parseSpec({
            region: 'everywhere',
            image: 'debian',
            types: ['large'],
            volume: { type: 'floppy' },
            tags: Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`tag-${at}`, 'x'])),
          }),
        ),
      )
      expect(found).toEqual([
        'spec.region: is no region such as us-east-1',
        expect.stringMatching(/^spec\.image: must be ami-…/),
        'spec.types[0]: is no instance type such as c7i.large',
        expect.stringMatching(/^spec\.volume\.type: /),
        'spec.tags: are more than 25',
      ])
    })

    it('a group and a key that are not there are named with their setting', async () => {
      const found = await findings({ 'security-groups': ['sg-00000000'], 'key-name': 'nobody' })
      const wrong = found.filter(one => one.level === 'problem').map(one => one.subject)
      expect(wrong).toEqual(expect.arrayContaining(['spec.security-groups', 'spec.key-name']))
    })

    it('a profile that is not there is a problem of its own setting', async () => {
      const found = await findings({ 'instance-profile': 'nobody' })
      expect(found.filter(one => one.level === 'problem').map(one => one.subject)).toEqual([
        'spec.instance-profile',
      ])
    })

    it('a launch that is not allowed is found by a dry run, and makes nothing', async () => {
      front.decide(({ action }) =>
        action === 'RunInstances' ? { error: { status: 403, code: 'UnauthorizedOperation' } } : undefined,
      )
      const found = await findings({})
      front.decide(() => undefined)
      expect(found.find(one => one.level === 'problem')).toMatchObject({
        subject: 'rights',
        message: expect.stringContaining('ec2:RunInstances'),
        fix: expect.stringContaining('providers policy aws'),
      })
      expect(await moto.instances()).toEqual([])
    })

    it('each market has a dry run of its own, and the right that EC2 names is the one that is told', async () => {
      const message = 'You are not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/x'
      front.decide(({ action, params }) =>
        action === 'RunInstances' && params.get('InstanceMarketOptions.MarketType') === 'spot'
          ? { error: { status: 403, code: 'UnauthorizedOperation', message } }
          : undefined,
      )
      const found = await findings({ market: ['spot', 'on-demand'] })
      front.decide(() => undefined)
      expect(
        found.flatMap(({ level, subject, message }) =>
          subject === 'rights' && level !== 'unproven' ? [`${level}: ${message}`] : [],
        ),
      ).toEqual([
        expect.stringMatching(/^problem: a dry run of the spot launch misses iam:PassRole /),
        'ok: a launch is allowed, by a dry run of the on-demand launch',
      ])
      expect(await moto.instances()).toEqual([])
    })

    it('a group of another network than the subnets is told with both', async () => {
      front.decide(({ action }) =>
        action === 'DescribeSecurityGroups'
          ? { rewrite: xml => xml.replaceAll(/<vpcId>[^<]*<\/vpcId>/g, '<vpcId>vpc-0000aaaa</vpcId>') }
          : undefined,
      )
      const found = await findings({ 'security-groups': [await anyGroup(moto)] })
      front.decide(() => undefined)
      expect(found.find(one => one.level === 'problem')).toMatchObject({
        subject: 'spec.security-groups',
        message: expect.stringMatching(/^sg-\w+ is in vpc-0000aaaa, and subnet-\w+ in vpc-/),
      })
    })

    const reservation = (type: string, zone: string, state: string) =>
      `<DescribeCapacityReservationsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><capacityReservationSet><item><capacityReservationId>cr-0123456789abcdef0</capacityReservationId><instanceType>${type}</instanceType><availabilityZone>${zone}</availabilityZone><state>${state}</state></item></capacityReservationSet></DescribeCapacityReservationsResponse>`

    it.each([
      ['t3.micro', 'us-east-1a', 'active', undefined],
      ['t3.micro', 'us-east-1a', 'expired', 'cr-0123456789abcdef0 is expired'],
      [
        'm5.large',
        'us-east-1a',
        'active',
        'cr-0123456789abcdef0 is for m5.large, and spec.types has t3.micro',
      ],
      ['t3.micro', 'us-east-1z', 'active', expect.stringContaining('cr-0123456789abcdef0 is in us-east-1z')],
    ])('a reservation of %s in %s that is %s', async (type, zone, state, expected) => {
      front.decide(({ action }) =>
        action === 'DescribeCapacityReservations' ? { answer: reservation(type, zone, state) } : undefined,
      )
      const found = await findings({ 'capacity-reservation': 'cr-0123456789abcdef0' })
      front.decide(() => undefined)
      const told = found.find(one => one.subject.endsWith('capacity-reservation'))
      expect(told?.level).toBe(expected === undefined ? 'ok' : 'problem')
      if (expected !== undefined) expect(told?.message).toEqual(expected)
    })

    it('a quota that is less than one machine is a problem before the first launch', async () => {
      front.decide(({ action }) =>
        action === 'GetServiceQuota' ? { answer: JSON.stringify({ Quota: { Value: 1 } }) } : undefined,
      )
      const found = await findings({ market: ['spot', 'on-demand'] })
      front.decide(() => undefined)
      expect(found.filter(one => one.subject === 'quota')).toEqual([
        expect.objectContaining({
          level: 'problem',
          code: 'quota-exceeded',
          message: '1 spot vCPUs, and one machine has 2',
          fix: expect.stringContaining('--quota-code L-34B43A08'),
        }),
        expect.objectContaining({ level: 'problem', message: '1 on-demand vCPUs, and one machine has 2' }),
      ])
    })

    it('reads that are not allowed are told all at once, each by its right', async () => {
      const denied = ['DescribeImages', 'DescribeSubnets', 'DescribeInstanceTypes']
      front.decide(({ action }) =>
        denied.includes(action)
          ? {
              error: {
                status: 403,
                code: 'UnauthorizedOperation',
                message: `User: arn:aws:iam::1:user/u is not authorized to perform: ec2:${action} on resource: *`,
              },
            }
          : undefined,
      )
      const found = await findings({})
      front.decide(() => undefined)
      expect(found).toEqual(
        denied.map(action =>
          expect.objectContaining({
            level: 'problem',
            code: 'permission-denied',
            message: expect.stringContaining(`misses ec2:${action} `),
          }),
        ),
      )
    })

    it('a type that no zone of the subnets offers is named with those zones', async () => {
      front.decide(({ action }) =>
        action === 'DescribeInstanceTypeOfferings'
          ? {
              rewrite: xml =>
                xml.replaceAll(/<location>us-east-1\w<\/location>/g, '<location>us-east-1z</location>'),
            }
          : undefined,
      )
      const found = await problems(resolving({}))
      front.decide(() => undefined)
      expect(found).toEqual([
        expect.stringMatching(/^spec\.types\[0\]: t3\.micro is not offered in us-east-1a, .*choose another$/),
      ])
    })

    it('user data that EC2 does not take is refused before any call', async () => {
      const resolved = await resolving({})
      const [offering] = resolved.offerings
      if (!offering) throw new Error('no offering')
      const before = front.passed.length
      const request = {
        launchId: 'a'.repeat(26),
        digest: 'd',
        pool: 'p',
        agentType: 's1-x',
        offering,
        resolved,
        units: [{ index: 0, attempt: 1, name: 'unit-of-one' }],
        userData: Buffer.alloc(16_385),
        expiry: { afterMs: 60_000 },
      }
      expect(await problems(provider.launch(request, call()))).toEqual([
        'userData: has 16385 bytes, and EC2 takes 16384',
      ])
      expect(front.passed).toHaveLength(before)
    })

    it('expired credentials are said to be that, with what to do', async () => {
      front.decide(() => ({ error: { status: 400, code: 'ExpiredToken' } }))
      const error = await resolving({}).catch(thrown => thrown)
      front.decide(() => undefined)
      expect(error).toMatchObject({ code: 'unauthenticated', hint: expect.stringContaining('AWS_PROFILE') })
    })

    it('what cannot be proven without a machine is said to be unproven', async () => {
      const found = await findings({})
      expect(found.filter(one => one.level === 'problem')).toEqual([])
      expect(
        found
          .filter(one => one.level === 'unproven')
          .map(one => one.message)
          .join('\n'),
      ).toContain('ec2:TerminateInstances')
    })

    it('offerings are markets, then types, then subnets; by price the cheapest spot comes first', async () => {
      const listed = await resolving({ types: ['t3.micro', 't3.small'], market: ['spot', 'on-demand'] })
      expect(listed.offerings[0]).toMatchObject({ type: 't3.micro', market: 'spot' })
      expect(listed.offerings.at(-1)).toMatchObject({ type: 't3.small', market: 'on-demand' })
      const priced = await resolving({
        types: ['t3.small', 't3.micro'],
        market: ['spot', 'on-demand'],
        'offering-order': 'price',
      })
      const prices = priced.offerings.flatMap(one =>
        one.pricePerHour === undefined ? [] : [one.pricePerHour],
      )
      expect(prices).toEqual(prices.toSorted((a, b) => a - b))
      expect(priced.offerings.map(one => one.market).lastIndexOf('spot')).toBeLessThan(
        priced.offerings.map(one => one.market).indexOf('on-demand'),
      )
    })
  },
)
