import aws from '@agentctl/provider-aws'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { run } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'
import { depsFor, type Env, enforced, outOfBand } from './support.ts'

const why = missingMoto()

describe.skipIf(why !== undefined)(`secrets at AWS${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto()
    const config = {
      region: moto.region,
      endpoint: moto.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }
    const [ssm, manager] = [new SSM(config), new SecretsManager(config)]
    await ssm.putParameter({ Name: '/ci/token', Type: 'SecureString', Value: 'the-token-itself' })
    await manager.createSecret({ Name: 'ci/token', SecretString: 'the-managed-token' })
    await manager.createSecret({ Name: 'ci/all', SecretString: '{"token":"the-field","port":1}' })
    await manager.createSecret({ Name: 'ci/bytes', SecretBinary: new Uint8Array([1, 2, 3]) })
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  const read = async (ref: string, env: Env = moto.env) => {
    const deps = depsFor(env)
    return (await aws.readSecret?.(ref, deps)) ?? ''
  }

  it.each([
    ['aws-ssm:/ci/token', 'the-token-itself'],
    ['aws-ssm:arn:aws:ssm:us-east-1:123456789012:parameter/ci/token', 'the-token-itself'],
    ['aws-secretsmanager:ci/token', 'the-managed-token'],
    ['aws-secretsmanager:ci/all#token', 'the-field'],
  ])('%s is read', async (ref, value) => {
    expect(await read(ref)).toBe(value)
  })

  it.each([
    ['aws-ssm:/ci/none', 'invalid-spec'],
    ['aws-secretsmanager:ci/none', 'invalid-spec'],
    ['aws-secretsmanager:ci/all#none', 'invalid-spec'],
    ['aws-secretsmanager:ci/all#port', 'invalid-spec'],
    ['aws-secretsmanager:ci/token#token', 'invalid-spec'],
    ['aws-secretsmanager:ci/bytes', 'invalid-spec'],
  ])('%s is %s, in words without the secret', async (ref, code) => {
    const reading = read(ref)
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringContaining(ref) })
    const { message, hint, fault, cause } = await reading.then(
      () => ({}) as never,
      error => error,
    )
    expect(JSON.stringify([message, hint, fault, String(cause)])).not.toMatch(/the-managed|the-field/)
  })

  it('names the right that is missing', async () => {
    const { iam } = outOfBand(moto)
    await iam.createUser({ UserName: 'reader' })
    const { AccessKey } = await iam.createAccessKey({ UserName: 'reader' })
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
    const env = { ...moto.env, AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey }
    await using _ = await enforced(moto)
    for (const [ref, right] of [
      ['aws-ssm:/ci/token', 'Allow ssm:GetParameter'],
      ['aws-secretsmanager:ci/token', 'Allow secretsmanager:GetSecretValue'],
    ] as const) {
      const hint = expect.stringContaining(right)
      await expect(read(ref, env)).rejects.toMatchObject({ code: 'permission-denied', hint })
    }
    const deps = depsFor(env)
    await expect(aws.writeSecret?.('aws-ssm:/ci/token', 'a-new-token', deps)).rejects.toMatchObject({
      code: 'permission-denied',
      hint: expect.stringMatching(/^Allow ssm:PutParameter .*does not need it/),
    })
  })

  it('the registration token of a run can be one', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    const ssm = new SSM({
      region: moto.region,
      endpoint: moto.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    await ssm.putParameter({ Name: '/hub/token', Type: 'SecureString', Value: round.hub.token })
    Object.assign(round.home.env, moto.env)
    delete round.home.env.SEMAPHORE_AGENT_TOKEN
    const ended = await run(round.home, 'provision', '--token', 'aws-ssm:/hub/token')
    expect(ended).toMatchObject({ code: 0 })
    expect(round.hub.jobs()).toMatchObject([{ result: 'passed' }])
    expect(ended.stdout + ended.stderr).not.toContain(round.hub.token)
  }, 60_000)
})
