import { isContractError, type RightsRequest } from '@agentctl/contract'
import aws from '@agentctl/provider-aws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Front, openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { rightOf } from './action.ts'
import { cacheLife, clearCache, lifeOn, prepare, type Step } from './life.ts'
import { depsFor, type Env, enforced, type Keys, outOfBand } from './support.ts'

const why = missingMoto()
const Version = '2012-10-17'

interface Statement {
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly [key: string]: unknown
}

interface Policy {
  readonly Version: string
  readonly Statement: readonly Statement[]
}

describe.skipIf(why !== undefined)(`the rights at AWS${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  let front: Front
  let request: RightsRequest
  /** For what is done out of band. */
  let admin: Keys
  let steps: Readonly<Record<string, Step>>

  beforeAll(async () => {
    moto = await startMoto()
    front = await openFront(moto.url)
    const everything = { Effect: 'Allow', Action: ['*'], Resource: ['*'] }
    admin = await userWith('admin', { Version, Statement: [everything] })
    request = await prepare(moto, admin)
    steps = lifeOn(moto, admin, request.specs[0])
  }, 90_000)
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
    await moto?.[Symbol.asyncDispose]()
  })

  async function userWith(UserName: string, document: Policy): Promise<Keys> {
    const { iam } = outOfBand(moto, moto.region, admin)
    await iam.createUser({ UserName })
    await iam.putUserPolicy({ UserName, PolicyName: 'all', PolicyDocument: JSON.stringify(document) })
    const { AccessKey } = await iam.createAccessKey({ UserName })
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  }

  const policyFor = (change: Partial<RightsRequest> = {}) =>
    aws.rights?.({ ...request, ...change }).document as Policy
  const policy = () => policyFor()
  const actionsOf = ({ Statement }: Policy) => [...new Set(Statement.flatMap(({ Action }) => Action))]

  const doing = async (step: Step | undefined, env: Env) => {
    const provider = await aws.open({ ...depsFor(env), settings: {} })
    try {
      return await step?.(provider, env)
    } finally {
      await provider.close()
    }
  }
  const throughFront = () => ({ ...moto.env, AWS_ENDPOINT_URL: front.url })
  const rightsTaken = async (work: () => Promise<unknown>) => {
    const before = front.passed.length
    await work()
    return new Set(front.passed.slice(before).flatMap(passed => rightOf(passed) ?? []))
  }

  /** The rights that each step takes, as seen on the way. */
  const taken = new Map<string, string>()

  it('are those of the calls that are made, and no others but what rides along with a call', async () => {
    for (const [name, step] of Object.entries(steps)) {
      for (const right of await rightsTaken(() => doing(step, throughFront()))) {
        if (!taken.has(right)) taken.set(right, name)
      }
    }
    // The guest uses it, by the signed URL.
    taken.set('s3:GetObject', 'guest')
    const allowed = actionsOf(policy())
    expect([...taken.keys()].filter(right => !allowed.includes(right))).toEqual([])
    expect(allowed.filter(right => !taken.has(right)).sort()).toEqual([
      'iam:PassRole',
      'iam:TagInstanceProfile',
      'iam:TagRole',
      's3:DeleteObjectVersion',
      's3:PutBucketTagging',
      's3:TagResource',
    ])
  }, 60_000)

  it('are those of a cache with a key', async () => {
    const cache = { bucket: 'acme-cache', access: 'key' } as const
    const allowed = actionsOf(policyFor({ specs: [], secrets: [], tokenBuckets: [], cache }))
    const used = await rightsTaken(() => cacheLife(moto, admin, throughFront(), 'key'))
    expect([...used].filter(right => !allowed.includes(right))).toEqual([])
    const ridingAlong = ['iam:TagUser', 's3:DeleteObjectVersion', 's3:PutBucketTagging', 's3:TagResource']
    expect(allowed.filter(right => !used.has(right)).sort()).toEqual(ridingAlong)
  })

  // moto looks at the actions, and at the resources of S3; other resources and all conditions it cannot tell.
  // A look at a bucket has a name of its own there, and deleting many objects is a right on the bucket.
  const ofMoto = ['s3:HeadBucket', 's3:DeleteObject']
  const asMotoReadsIt = ({ Statement }: Policy): Policy => ({
    Version,
    Statement: Statement.map(({ Condition: _, ...one }) => {
      if (!one.Action.some(action => action.startsWith('s3:'))) return { ...one, Resource: ['*'] }
      return one.Action.includes('s3:ListBucket') ? { ...one, Action: [...one.Action, ...ofMoto] } : one
    }),
  })
  const without = (right: string): Policy => ({
    Version,
    Statement: policy()
      .Statement.map(one => ({ ...one, Action: one.Action.filter(action => action !== right) }))
      .filter(one => one.Action.length > 0),
  })
  const envOf = ({ accessKeyId, secretAccessKey }: Keys) => ({
    ...moto.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  })

  it('suffice where they are enforced', async () => {
    const env = envOf(await userWith('controller', asMotoReadsIt(policy())))
    await using _ = await enforced(moto)
    for (const step of Object.values(steps)) await doing(step, env)
  }, 60_000)

  it.each([
    ['ec2:RunInstances', 'machines'],
    ['ec2:TerminateInstances', 'machines'],
    ['ec2:DescribeInstances', 'machines'],
    ['s3:PutObject', 'tokens'],
    ['s3:CreateBucket', 'cache'],
    ['iam:PutRolePolicy', 'cache'],
  ] as const)('do not suffice without %s', async (right, name) => {
    const env = envOf(await userWith(`without-${right.replace(':', '-')}`, asMotoReadsIt(without(right))))
    await using _ = await enforced(moto)
    await expect(doing(steps[name], env)).rejects.toMatchObject({ code: 'permission-denied' })
  })

  it('are named when they are missing, each of them', async () => {
    expect(taken.size).toBeGreaterThan(30)
    await clearCache(moto.env)
    const unnamed: string[] = []
    for (const [right, name] of taken) {
      // What a signed URL reads is the guest's to tell, and without a look at the regions other calls do.
      if (right === 's3:GetObject' || right === 'ec2:DescribeRegions') continue
      const message = `User: arn:aws:iam::1:user/u is not authorized to perform: ${right} on resource: *`
      front.decide(passed =>
        rightOf(passed) === right
          ? {
              error: {
                status: 403,
                code: right.startsWith('ec2:') ? 'UnauthorizedOperation' : 'AccessDenied',
                message,
              },
            }
          : undefined,
      )
      const step = steps[name]
      const said = await doing(step, throughFront()).then(wordsOf, wordsOf)
      front.decide(() => undefined)
      if (name === 'cache') await clearCache(moto.env)
      if (!said.includes(right)) unnamed.push(`${right}: ${said.slice(0, 300)}`)
    }
    expect(unnamed).toEqual([])
  }, 120_000)
})

function wordsOf(said: unknown): string {
  if (!isContractError(said)) return said instanceof Error ? String(said) : JSON.stringify(said ?? '')
  return [said.code, said.message, said.hint, said.fault].join(' | ')
}
