import type { ResourceRef } from '@agentctl/contract'
import type { ConformanceTarget } from '@agentctl/contract/testing'
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2'
import type { Fate, Front } from '../clouds/aws/front.ts'
import type { Moto } from '../clouds/aws/moto.ts'
import { baseSpec, clock, openAws } from './support.ts'

/** The provider on moto, through a front that makes faults; out of band it is moto's own state. */
export function awsTarget(moto: Moto, front: Front): ConformanceTarget {
  const instance = async ({ id }: ResourceRef) => (await moto.instances()).find(one => one.id === id)
  const once = (matches: (action: string) => boolean, fate: Parameters<Front['decide']>[0]) => {
    let isArmed = true
    front.decide((call, nth) => {
      if (!isArmed || !matches(call.action)) return undefined
      isArmed = false
      return fate(call, nth)
    })
  }
  /** As often as the SDK's own repeat needs, to be seen. */
  const fail = (times: number, error: NonNullable<Fate['error']>) => {
    let left = times
    front.decide(() => (left-- > 0 ? { error } : undefined))
  }
  const isLaunch = (action: string) => action === 'RunInstances'
  return {
    name: 'aws, on moto',
    open: owner => openAws(moto, owner, { AWS_ENDPOINT_URL: front.url }),
    spec: baseSpec,
    clock,
    // moto's lists do not lag.
    settle: async () => undefined,
    goneWithinMs: 20_000,
    caseTimeoutMs: 60_000,
    outOfBand: {
      left: async owner => (await moto.left(owner)).map(({ kind, id }) => `${kind} ${id}`),
      createForeign: () => createForeign(moto),
      exists: async ref => (await instance(ref))?.state === 'running',
      userDataOf: async ref => Buffer.from((await instance(ref))?.userData ?? '', 'base64'),
      powerOff: ({ id }) => moto.powerOff(id),
    },
    faults: {
      loseNextLaunchReply: () => once(isLaunch, () => ({ lost: 'reply' })),
      failNextLaunch: () =>
        once(isLaunch, () => ({ error: { status: 500, code: 'InsufficientInstanceCapacity' } })),
      shortNextLaunch: async count => moto.set({ countNext: count }),
      hangNextLaunch: () => once(isLaunch, () => ({ delayMs: 20_000, lost: 'request' })),
      // Pages of one reservation, of which the second fails.
      failListMidway: () => {
        let left = 2
        front.decide(({ action, params }) => {
          if (action !== 'DescribeInstances' || left <= 0) return undefined
          if (!params.has('NextToken')) return { params: withParam(params, 'MaxResults', '1') }
          left--
          return { error: { status: 503, code: 'Unavailable' } }
        })
      },
      throttleNextCall: () => fail(2, { status: 503, code: 'RequestLimitExceeded' }),
      rejectNextCredentials: () =>
        once(
          () => true,
          () => ({ error: { status: 401, code: 'AuthFailure' } }),
        ),
      unmapState: ({ id }) => moto.setState(id, 'hibernating'),
    },
  }
}

function withParam(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(params)
  changed.set(name, value)
  return changed
}

async function createForeign({ env, region }: Moto): Promise<ResourceRef> {
  const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = env
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const ec2 = new EC2Client({ region, endpoint: AWS_ENDPOINT_URL, credentials })
  const { image: ImageId } = baseSpec
  const answer = await ec2.send(
    new RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  )
  ec2.destroy()
  const id = answer.Instances?.[0]?.InstanceId ?? ''
  return { kind: 'instance', id, scope: { account: 'default', region } }
}
