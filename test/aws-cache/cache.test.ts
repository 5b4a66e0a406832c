import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { type Env, enforced, outOfBand, strangerAt, wishFor, withCache } from './support.ts'

const why = missingMoto()
const region = 'eu-central-1'

describe.skipIf(why !== undefined)(`a cache at AWS${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  let env: Env
  beforeAll(async () => {
    moto = await startMoto(region)
    env = moto.env
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  const create = (bucket: string, change: Parameters<typeof wishFor>[1] = {}, at = env) =>
    withCache(at, (store, call) => store.create(wishFor(bucket, change), call))
  const remove = (bucket: string, owner?: string) =>
    withCache(env, (store, call) => store.delete({ bucket }, call), owner)

  it('has a private, encrypted, expiring bucket and a role with rights in it alone', async () => {
    const { steps, settings } = await create('acme-one')
    expect(new Set(steps.map(step => step.outcome))).toEqual(new Set(['made']))

    const { s3, iam } = outOfBand(moto)
    const at = { Bucket: 'acme-one' }
    const tags = [{ Key: 'agentctl-owner', Value: 'acme' }]
    expect(await s3.getBucketLocation(at)).toMatchObject({ LocationConstraint: region })
    expect(await s3.getBucketTagging(at)).toMatchObject({ TagSet: tags })
    expect((await s3.getPublicAccessBlock(at)).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    })
    const { ServerSideEncryptionConfiguration: encryption } = await s3.getBucketEncryption(at)
    expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256')
    expect((await s3.getBucketLifecycleConfiguration(at)).Rules).toMatchObject([
      {
        Status: 'Enabled',
        Expiration: { Days: 30 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ])

    const name = String(settings.spec['instance-profile'])
    const { InstanceProfile: profile } = await iam.getInstanceProfile({ InstanceProfileName: name })
    expect(profile).toMatchObject({ Tags: tags, Roles: [{ RoleName: name }] })
    expect((await iam.getRole({ RoleName: name })).Role?.Tags).toEqual(tags)
    const { PolicyDocument } = await iam.getRolePolicy({ RoleName: name, PolicyName: 'cache' })
    const arn = 'arn:aws:s3:::acme-one'
    expect(JSON.parse(decodeURIComponent(PolicyDocument ?? '')).Statement).toMatchObject([
      { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], Resource: `${arn}/*` },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn },
    ])
  })

  it('changes nothing in a second run, and finishes what is missing or has been changed', async () => {
    await create('acme-two')
    await using front = await openFront(moto.url)
    const again = await create('acme-two', {}, { ...env, AWS_ENDPOINT_URL: front.url })
    expect(new Set(again.steps.map(step => step.outcome))).toEqual(new Set(['unchanged']))
    const writes = front.passed.filter(({ method, action }) =>
      action.startsWith('/') ? method === 'PUT' || method === 'DELETE' : !/^(Get|List)/.test(action),
    )
    expect(writes).toEqual([])

    const { s3 } = outOfBand(moto)
    await s3.deletePublicAccessBlock({ Bucket: 'acme-two' })
    const mended = await create('acme-two', { expireDays: 7 })
    const changes = mended.steps.filter(step => step.outcome !== 'unchanged')
    expect(changes).toMatchObject([
      { subject: 'public access', outcome: 'made' },
      { subject: 'expiry', outcome: 'changed', detail: 'objects go after 7 days' },
    ])
  })

  it('is finished by the next run, wherever the first one was cut off', async () => {
    await using front = await openFront(moto.url)
    const cut = { ...env, AWS_ENDPOINT_URL: front.url }
    const isWrite = (method: string, action: string) =>
      action.startsWith('/') ? method === 'PUT' : /^(Create|Put|Add)/.test(action)
    for (const nth of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const bucket = `acme-cut-${nth}`
      let writes = 0
      front.decide(({ method, action }) => {
        if (isWrite(method, action)) writes++
        return writes >= nth ? { error: { status: 403, code: 'AccessDenied' } } : undefined
      })
      await expect(create(bucket, {}, cut)).rejects.toMatchObject({ code: 'permission-denied' })
      front.decide(() => undefined)
      const { steps } = await create(bucket)
      expect(steps.filter(step => step.outcome === 'changed')).toEqual([])
      const again = await create(bucket)
      expect(new Set(again.steps.map(step => step.outcome))).toEqual(new Set(['unchanged']))
    }
  })

  it('of another owner, or of another account, is refused by every verb and left as it is', async () => {
    await create('acme-ours')
    const theirs = outOfBand(moto, region, await strangerAt(moto)).s3
    await theirs.createBucket({
      Bucket: 'strangers-bucket',
      CreateBucketConfiguration: { LocationConstraint: region },
    })
    const refused = { code: 'not-owned' }
    for (const [bucket, owner] of [
      ['acme-ours', 'other'],
      ['strangers-bucket', 'acme'],
    ] as const) {
      const as = <T>(work: Parameters<typeof withCache<T>>[1]) => withCache(env, work, owner)
      await expect(as((store, call) => store.create(wishFor(bucket), call))).rejects.toMatchObject(refused)
      await expect(as((store, call) => store.show({ bucket }, call))).rejects.toMatchObject(refused)
      await expect(as((store, call) => store.delete({ bucket }, call))).rejects.toMatchObject(refused)
    }
    await expect(theirs.headBucket({ Bucket: 'strangers-bucket' })).resolves.toBeDefined()
    expect((await create('acme-ours')).steps.every(step => step.outcome === 'unchanged')).toBe(true)
  })

  it.each([
    ['the look at it is forbidden', { status: 403, code: 'AccessDenied' }, 'HEAD'],
    ['its name is taken meanwhile', { status: 409, code: 'BucketAlreadyExists' }, 'PUT'],
  ])('is refused when %s', async (_, error, method) => {
    await using front = await openFront(moto.url)
    front.decide(call => (call.method === method ? { error } : undefined))
    const creating = create('acme-taken', {}, { ...env, AWS_ENDPOINT_URL: front.url })
    await expect(creating).rejects.toMatchObject({ code: 'not-owned' })
  })

  it('takes no role, profile or user that somebody else made', async () => {
    const { iam } = outOfBand(moto)
    await iam
      .createRole({ RoleName: 'agentctl-cache-acme-role', AssumeRolePolicyDocument: '{}' })
      .catch(() => undefined)
    await iam.createUser({ UserName: 'agentctl-cache-acme-role' })
    await expect(create('acme-role', { access: 'key' })).rejects.toMatchObject({
      code: 'not-owned',
      message: expect.stringContaining('The user agentctl-cache-acme-role'),
    })
    expect(await remove('acme-role')).toBe('deleted')
    await expect(iam.getUser({ UserName: 'agentctl-cache-acme-role' })).resolves.toBeDefined()
  })

  it('goes with all that is in it and all that was made along with it, and is gone then', async () => {
    const { settings } = await create('acme-gone')
    const { s3, iam } = outOfBand(moto)
    const at = { Bucket: 'acme-gone' }
    await s3.putBucketVersioning({ ...at, VersioningConfiguration: { Status: 'Enabled' } })
    for (const Body of ['one', 'two']) await s3.putObject({ ...at, Key: 'p/gems', Body })
    await s3.deleteObject({ ...at, Key: 'p/gems' })
    await s3.createMultipartUpload({ ...at, Key: 'p/cut-off' })

    expect(await remove('acme-gone')).toBe('deleted')

    await expect(s3.headBucket(at)).rejects.toMatchObject({ name: 'NotFound' })
    const name = String(settings.spec['instance-profile'])
    await expect(iam.getRole({ RoleName: name })).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    const profile = iam.getInstanceProfile({ InstanceProfileName: name })
    await expect(profile).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    expect(await remove('acme-gone')).toBe('gone')
  })

  it('has one access key, whose secret is given once', async () => {
    const made = await create('acme-key', { access: 'key' })
    const [, id = '', secret = ''] =
      /^\[semaphore-cache\]\naws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$/.exec(
        made.key?.file ?? '',
      ) ?? []
    const user = { UserName: 'agentctl-cache-acme-key' }
    const { iam } = outOfBand(moto)
    expect((await iam.listAccessKeys(user)).AccessKeyMetadata).toMatchObject([{ AccessKeyId: id }])
    expect(made.key?.id).toBe(id)
    expect(JSON.stringify([made.steps, made.settings])).not.toContain(secret)

    const again = await create('acme-key', { access: 'key' })
    expect(again.key).toBeUndefined()
    expect(again.steps.every(step => step.outcome === 'unchanged')).toBe(true)
    expect((await iam.listAccessKeys(user)).AccessKeyMetadata).toHaveLength(1)

    expect(await remove('acme-key')).toBe('deleted')
    await expect(iam.getUser(user)).rejects.toMatchObject({ name: 'NoSuchEntityException' })
  })

  it('sends for a key once, though the answer is lost, and has a deletion that was cut off finished', async () => {
    await using front = await openFront(moto.url)
    const cut = { ...env, AWS_ENDPOINT_URL: front.url }
    front.decide(({ action }) => (action === 'CreateAccessKey' ? { lost: 'reply' } : undefined))
    await expect(create('acme-lost', { access: 'key' }, cut)).rejects.toMatchObject({
      code: 'outcome-unknown',
    })
    expect(front.count('CreateAccessKey')).toBe(1)
    const again = await create('acme-lost', { access: 'key' })
    expect(again.steps.at(-1)).toMatchObject({ subject: 'access key', outcome: 'unchanged' })

    front.decide(({ action }) =>
      action === 'DeleteUser' ? { error: { status: 403, code: 'AccessDenied' } } : undefined,
    )
    const removing = withCache(cut, (store, call) => store.delete({ bucket: 'acme-lost' }, call))
    await expect(removing).rejects.toMatchObject({ code: 'permission-denied' })
    expect(await remove('acme-lost')).toBe('deleted')
    expect(await remove('acme-lost')).toBe('gone')
  })

  it('gives its key the four rights in its bucket, and no other', async () => {
    const made = await create('acme-least', { access: 'key' })
    await create('acme-other', { access: 'none' })
    const [, accessKeyId = '', secretAccessKey = ''] =
      /_id = (\S+)\n.*_key = (\S+)/.exec(made.key?.file ?? '') ?? []
    const { s3 } = outOfBand(moto, region, { accessKeyId, secretAccessKey })
    const mine = { Bucket: 'acme-least', Key: 'project/gems' }
    await using _ = await enforced(moto)

    await s3.putObject({ ...mine, Body: 'x' })
    expect(await (await s3.getObject(mine)).Body?.transformToString()).toBe('x')
    expect((await s3.listObjectsV2({ Bucket: mine.Bucket })).KeyCount).toBe(1)
    await s3.deleteObject(mine)
    const denied = { name: 'AccessDenied' }
    await expect(s3.listBuckets()).rejects.toMatchObject(denied)
    await expect(s3.putObject({ ...mine, Bucket: 'acme-other', Body: 'x' })).rejects.toMatchObject(denied)
    await expect(s3.deleteBucket({ Bucket: mine.Bucket })).rejects.toMatchObject(denied)
    await expect(s3.getBucketTagging({ Bucket: mine.Bucket })).rejects.toMatchObject(denied)
  })

  it('is named by its region, and us-east-1 needs no word about it', async () => {
    await create('acme-east', { region: 'us-east-1', access: 'none' })
    const { s3 } = outOfBand(moto, 'us-east-1')
    expect((await s3.getBucketLocation({ Bucket: 'acme-east' })).LocationConstraint).toBeUndefined()
    const moved = create('acme-east', { region: 'eu-west-1', access: 'none' })
    await expect(moved).rejects.toMatchObject({
      code: 'invalid-spec',
      hint: expect.stringContaining('us-east-1'),
    })
    const elsewhere = await create('acme-east', { access: 'none' })
    expect(elsewhere.region).toBe('us-east-1')
  })

  it('shows how it stands', async () => {
    await create('acme-shown')
    const { s3, iam } = outOfBand(moto)
    await s3.deletePublicAccessBlock({ Bucket: 'acme-shown' })
    const everything = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [everything] })
    const at = { RoleName: 'agentctl-cache-acme-shown', PolicyName: 'cache' }
    await iam.putRolePolicy({ ...at, PolicyDocument })
    const view = await withCache(env, (store, call) => store.show({ bucket: 'acme-shown' }, call))
    expect(view?.facts.filter(fact => !fact.isRight).map(fact => fact.subject)).toEqual([
      'public access',
      'policy',
    ])
    expect(view?.settings.spec).toEqual({ 'instance-profile': 'agentctl-cache-acme-shown' })
    expect(await withCache(env, (store, call) => store.show({ bucket: 'acme-none' }, call))).toBeUndefined()
  })

  it('in a compatible store says what the store does not have', async () => {
    await using front = await openFront(moto.url)
    front.decide(({ query }) =>
      query.has('publicAccessBlock') || query.has('encryption')
        ? { error: { status: 501, code: 'NotImplemented' } }
        : undefined,
    )
    const place = { bucket: 'compatible', endpoint: front.url }
    const made = await create('compatible', { ...place, access: 'none' })
    expect(made.steps.map(({ subject, outcome }) => `${subject} ${outcome}`)).toEqual([
      'bucket made',
      'public access unsupported',
      'encryption unsupported',
      'expiry made',
    ])
    expect(made.settings.envVars).toEqual({
      SEMAPHORE_CACHE_BACKEND: 's3',
      SEMAPHORE_CACHE_S3_BUCKET: 'compatible',
      SEMAPHORE_CACHE_S3_URL: front.url,
    })
    expect(front.passed.filter(({ action }) => !action.startsWith('/compatible'))).toEqual([])
    const removing = withCache(env, (store, call) => store.delete(place, call))
    expect(await removing).toBe('deleted')
  })

  it('in a store without tags is nobody’s: made once, and neither changed nor deleted after that', async () => {
    await using front = await openFront(moto.url)
    front.decide(({ query }) =>
      query.has('tagging') ? { error: { status: 501, code: 'NotImplemented' } } : undefined,
    )
    const place = { bucket: 'untagged', endpoint: front.url }
    const first = await create('untagged', { ...place, access: 'none' })
    expect(first.steps.slice(0, 2)).toMatchObject([
      { subject: 'bucket', outcome: 'made' },
      { subject: 'owner tag', outcome: 'unsupported' },
    ])
    const second = await create('untagged', { ...place, access: 'none', expireDays: 1 })
    expect(second.steps.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unsupported'])
    const removing = withCache(env, (store, call) => store.delete(place, call))
    await expect(removing).rejects.toMatchObject({ code: 'not-owned' })
  })

  it('names the right that is missing', async () => {
    await using front = await openFront(moto.url)
    const message = 'User: arn:aws:iam::1:user/u is not authorized to perform: iam:CreateRole on resource: *'
    front.decide(({ action }) =>
      action === 'CreateRole' ? { error: { status: 403, code: 'AccessDenied', message } } : undefined,
    )
    const creating = create('acme-rights', {}, { ...env, AWS_ENDPOINT_URL: front.url })
    await expect(creating).rejects.toMatchObject({
      code: 'permission-denied',
      hint: expect.stringContaining('iam:CreateRole'),
    })
  })

  it('refuses what cannot be, all at once and before any call', async () => {
    const creating = create(
      'No_Name',
      { endpoint: 'minio', access: 'role' },
      { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    )
    await expect(creating).rejects.toMatchObject({
      code: 'invalid-spec',
      problems: [{ path: 'bucket' }, { path: 'endpoint' }, { path: 'access' }],
    })
  })
})
