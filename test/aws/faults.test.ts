import { createHash } from 'node:crypto'
import type { LaunchRequest, Provider, Resource, Unit } from '@agentctl/contract'
import { CreateVolumeCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Front, openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { baseSpec, call, clock, openAws } from './support.ts'

const missing = missingMoto()
const owner = 'faulty'
const scope = { account: 'default', region: 'us-east-1' }

interface Stage {
  readonly moto: Moto
  readonly front: Front
  readonly provider: Provider
}

let launches = 0

async function requestFor(provider: Provider, spec: object, count: number): Promise<LaunchRequest> {
  const resolved = await provider.resolve(provider.parseSpec({ ...baseSpec, ...spec }), call())
  const [offering] = resolved.offerings
  if (!offering) throw new Error('no offering')
  const number = ++launches
  const launchId = `l${number.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(25, 'c')}`
  const units = Array.from(
    { length: count },
    (_, index): Unit => ({ index, attempt: 1, name: `unit-${number}-${index}` }),
  )
  return {
    launchId,
    digest: createHash('sha256').update(launchId).digest('hex'),
    pool: 'p',
    agentType: 's1-x',
    offering,
    resolved,
    units,
    userData: Buffer.from('#!/bin/sh\n'),
    expiry: { at: Math.floor(clock.now() / 1000) * 1000 + 600_000 },
  }
}

function listed(provider: Provider): Promise<Resource[]> {
  return Array.fromAsync(provider.list(scope, {}, call()))
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    error => error.code,
  )

describe.skipIf(missing !== undefined)(
  `EC2 going wrong${missing === undefined ? '' : ` (${missing})`}`,
  async () => {
    const stage: Stage = missing === undefined ? await open() : (undefined as never)
    const { moto, front, provider } = stage ?? {}

    async function open(): Promise<Stage> {
      const started = await startMoto()
      const before = await openFront(started.url)
      return {
        moto: started,
        front: before,
        provider: await openAws(started, owner, { AWS_ENDPOINT_URL: before.url }),
      }
    }

    afterAll(async () => {
      await provider?.close()
      await front?.[Symbol.asyncDispose]()
      await moto?.[Symbol.asyncDispose]()
    })
    beforeEach(async () => {
      front.decide(() => undefined)
      await moto.set({ hideSeconds: 0, countMax: 1_000, spentToken: 'answers' })
      for (const one of await moto.instances()) if (one.state === 'running') await moto.powerOff(one.id)
    })

    it('no capacity is said at once: the SDK does not ask again, and nothing was made', async () => {
      await moto.set({ countMax: 0 })
      const before = front.count('RunInstances')
      expect(await codeOf(provider.launch(await requestFor(provider, {}, 2), call()))).toBe(
        'capacity-unavailable',
      )
      expect(front.count('RunInstances')).toBe(before + 1)
      expect((await listed(provider)).filter(one => one.state !== 'terminated')).toEqual([])
    })

    it.each(['answers', 'refuses'] as const)(
      'a token whose instances have ended (EC2 %s) is spent',
      async spentToken => {
        const request = await requestFor(provider, {}, 2)
        const { instances } = await provider.launch(request, call())
        for (const one of instances) await moto.powerOff(one.id)
        await moto.set({ spentToken })
        expect(await codeOf(provider.launch(request, call()))).toBe('launch-spent')
      },
    )

    it('of a batch that ended in part, the rest is the answer', async () => {
      const request = await requestFor(provider, {}, 3)
      const { instances } = await provider.launch(request, call())
      await moto.powerOff(instances[1]?.id ?? '')
      const again = await provider.launch(request, call())
      expect(again.instances.map(one => one.unitIndex)).toEqual([0, 2])
      expect(again.shortfall?.code).toBe('launch-spent')
    })

    it('another request under the same token is a conflict, and makes nothing', async () => {
      const request = await requestFor(provider, {}, 1)
      await provider.launch(request, call())
      const other = { ...request, digest: '0'.repeat(64) }
      expect(await codeOf(provider.launch(other, call()))).toBe('conflict')
      expect((await moto.instances()).filter(one => one.state === 'running')).toHaveLength(1)
    })

    it('an instance that no list shows yet is ended all the same, and not taken for gone', async () => {
      await moto.set({ hideSeconds: 3_600 })
      const { instances } = await provider.launch(await requestFor(provider, {}, 1), call())
      expect((await listed(provider)).filter(one => one.kind === 'instance')).toEqual([])
      const [ref] = instances
      if (!ref) throw new Error('no instance')
      expect(await provider.terminate(ref, call())).toBe('accepted')
      expect((await moto.instances()).find(one => one.id === ref.id)?.state).toBe('terminated')
    })

    it('a hundred ends are one look and one call', async () => {
      const { instances } = await provider.launch(await requestFor(provider, {}, 100), call())
      const before = { looks: front.count('DescribeInstances'), ends: front.count('TerminateInstances') }
      await Promise.all(instances.map(one => provider.terminate(one, call())))
      expect(front.count('TerminateInstances') - before.ends).toBe(1)
      expect(front.count('DescribeInstances') - before.looks).toBe(1)
      expect((await moto.instances()).every(one => one.state === 'terminated')).toBe(true)
    })

    it('one instance that cannot be ended does not keep the others', async () => {
      const { instances } = await provider.launch(await requestFor(provider, {}, 3), call())
      const [, odd] = instances
      front.decide(({ action, params }) => {
        const isAboutIt = [...params.values()].includes(odd?.id ?? '')
        const error = { status: 400, code: 'OperationNotPermitted' }
        return action === 'TerminateInstances' && isAboutIt ? { error } : undefined
      })
      const codes = await Promise.all(instances.map(one => codeOf(provider.terminate(one, call()))))
      expect(codes).toEqual(['none', 'permission-denied', 'none'])
      const running = (await moto.instances()).filter(one => one.state === 'running')
      expect(running.map(one => one.id)).toEqual([odd?.id])
    })

    it('a missing right to terminate is named', async () => {
      const { instances } = await provider.launch(await requestFor(provider, {}, 1), call())
      front.decide(({ action }) =>
        action === 'TerminateInstances'
          ? { error: { status: 403, code: 'UnauthorizedOperation' } }
          : undefined,
      )
      const [ref] = instances
      if (!ref) throw new Error('no instance')
      const error = await provider.terminate(ref, call()).catch(thrown => thrown)
      expect(error).toMatchObject({
        code: 'permission-denied',
        hint: expect.stringContaining('providers policy aws'),
      })
    })

    it('a reclaimed spot machine is said to be one, and its request is closed', async () => {
      const { instances } = await provider.launch(await requestFor(provider, { market: ['spot'] }, 1), call())
      expect((await listed(provider)).map(one => one.kind)).toContain('spot-request')
      await moto.reclaim(instances[0]?.id ?? '')
      const after = await listed(provider)
      expect(after.find(one => one.id === instances[0]?.id)).toMatchObject({
        state: 'terminated',
        isReclaimed: true,
      })
      expect(after.map(one => one.kind)).not.toContain('spot-request')
    })

    it('a volume that was left behind is found and removed, and one of nobody is let alone', async () => {
      const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = moto.env
      const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
      const ec2 = new EC2Client({ region: moto.region, endpoint: moto.url, credentials })
      const make = (Tags: { Key: string; Value: string }[]) =>
        ec2.send(
          new CreateVolumeCommand({
            AvailabilityZone: 'us-east-1a',
            Size: 1,
            ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'volume' as const, Tags }] }),
          }),
        )
      const ours = await make([{ Key: 'agentctl-owner', Value: owner }])
      const theirs = await make([])
      ec2.destroy()
      const [found] = await listed(provider).then(all =>
        all.filter(one => one.kind === 'disk' && one.state === 'stopped'),
      )
      expect(found).toMatchObject({ id: ours.VolumeId })
      const ref = { kind: 'disk' as const, scope }
      expect(await provider.terminate({ ...ref, id: ours.VolumeId ?? '' }, call())).toBe('accepted')
      expect(await provider.terminate({ ...ref, id: ours.VolumeId ?? '' }, call())).toBe('gone')
      expect(await codeOf(provider.terminate({ ...ref, id: theirs.VolumeId ?? '' }, call()))).toBe(
        'not-owned',
      )
    })

    it('everything is made as it should be: shutdown ends it, metadata by token and one hop, tags on all parts', async () => {
      await provider.launch(await requestFor(provider, { market: ['spot'], tags: { team: 'ci' } }, 2), call())
      const made = (await moto.instances()).filter(one => one.state === 'running')
      expect(made).toHaveLength(2)
      for (const one of made) {
        expect(one).toMatchObject({
          shutdownBehavior: 'terminate',
          market: 'spot',
          tags: { team: 'ci', 'agentctl-owner': owner },
        })
        expect(String(one.metadata.tokens)).toBe('required')
        expect(Number(one.metadata.hops)).toBe(1)
      }
      const kinds = (await moto.left(owner)).map(one => one.kind).toSorted()
      expect(kinds).toEqual([
        'disk',
        'disk',
        'instance',
        'instance',
        'interface',
        'interface',
        'spot-request',
        'spot-request',
      ])
    })
  },
)
