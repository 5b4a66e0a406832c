import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { enforced, outOfBand } from '../aws-cache/support.ts'
import { type Moto, missingMoto } from '../clouds/aws/moto.ts'
import { plainSpec } from '../clouds/aws/stage.ts'
import { until } from '../support/cli.ts'
import { jobs, type Round } from '../support/round.ts'
import { newDesk, results, writeYaml } from './rounds.ts'
import { step } from './table.ts'

const bucket = 'semaphore-cache'
const region = 'us-east-1'
const actions = ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject']
const job = fileURLToPath(new URL('cache-job.mjs', import.meta.url))

/** The lines of a `~/.aws/credentials`. */
function keysIn(file: string): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  const value = (name: string) => new RegExp(`^${name} = (\\S+)$`, 'm').exec(file)?.[1] ?? ''
  return { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') }
}

const at = ({ home }: Round, name: string) => join(home.folder, name)

/** The chapters on caching, which build on each other: one bucket, one user, one home. */
export function cache(moto: () => Moto, desk: () => Round): void {
  const needs = { missing: missingMoto() }
  const resources = 'Create AWS resources'

  step(resources, 'bucket with public access blocked', needs, async next => {
    const made = await next(desk().home)
    expect(made, made.output).toMatchObject({ code: 0 })
    const { s3 } = outOfBand(moto(), region)
    expect((await s3.getPublicAccessBlock({ Bucket: bucket })).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    })
  })

  step(resources, 'policy', needs, async next => {
    const shown = await next(desk().home)
    expect(shown.output).toMatch(/^public access +right/m)
    expect(shown.output).not.toMatch(/ wrong /)
    const { iam } = outOfBand(moto(), region)
    const UserName = `agentctl-cache-${bucket}`
    const { PolicyNames = [] } = await iam.listUserPolicies({ UserName })
    const { PolicyDocument = '' } = await iam.getUserPolicy({ UserName, PolicyName: PolicyNames[0] })
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument))
    const allowed = Statement as { Effect: string; Action: string | string[]; Resource: string | string[] }[]
    expect(allowed.flatMap(({ Action }) => Action).toSorted()).toEqual(actions.toSorted())
    expect(new Set(allowed.flatMap(({ Resource }) => Resource))).toEqual(
      new Set([`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
    )
  })

  step(resources, 'user and key', needs, async next => {
    const keys = keysIn(readFileSync(at(desk(), 'semaphore-cache.credentials'), 'utf8'))
    expect(keys.accessKeyId).toMatch(/^AKIA/)
    const { s3 } = outOfBand(moto(), region, { ...keys })
    {
      await using _ = await enforced(moto())
      const mine = { Bucket: bucket, Key: 'project/gems' }
      await s3.putObject({ ...mine, Body: 'x' })
      expect((await s3.listObjectsV2({ Bucket: bucket })).KeyCount).toBe(1)
      await s3.deleteObject(mine)
      await expect(s3.listBuckets()).rejects.toMatchObject({ name: 'AccessDenied' })
    }
    // A second run makes no second key, and changes nothing.
    const again = await next(desk().home)
    expect(again).toMatchObject({ code: 0 })
    expect(again.output).not.toMatch(/^[\w ]+? {2,}(made|changed)\b/m)
    expect(keysIn(readFileSync(at(desk(), 'semaphore-cache.credentials'), 'utf8'))).toEqual(keys)
  })

  const configure = 'Configure the agent'

  step(configure, "key and region in `~/.aws` of the agent's user", needs, async next => {
    writeYaml(desk(), 'agentctl.yml', { pools: { linux: { provider: 'aws', spec: plainSpec } } })
    expect(await next(desk().home)).toMatchObject({ code: 0 })
    const { linux } = parse(readFileSync(at(desk(), 'agentctl.yml'), 'utf8')).pools
    const of = (name: string) =>
      (linux.bootstrap.files as { path: string }[]).find(
        ({ path }) => path === `/home/semaphore/.aws/${name}`,
      )
    expect(of('config')).toMatchObject({ content: expect.stringContaining(`region = ${region}`) })
    expect(of('credentials')).toMatchObject({ mode: '0600', owner: 'semaphore' })
    const shown = await next(desk().home)
    expect(shown.output).toContain('/home/semaphore/.aws/credentials')
    expect(shown.output).not.toContain(
      keysIn(readFileSync(at(desk(), 'semaphore-cache.credentials'), 'utf8')).secretAccessKey,
    )
  })

  step(configure, 'variables of the cache', needs, async next => {
    const { stdout } = await next(desk().home)
    expect(parse(stdout)['env-vars']).toEqual(
      expect.arrayContaining(['SEMAPHORE_CACHE_BACKEND=s3', `SEMAPHORE_CACHE_S3_BUCKET=${bucket}`]),
    )
  })

  step('How to set up caching', 'a job that uses the cache', needs, async next => {
    const file = at(desk(), 'semaphore-cache.credentials')
    const variables = { BACKEND: 's3', S3_BUCKET: bucket }
    const here = {
      provider: 'local',
      agent: {
        'env-vars': [
          ...Object.entries(variables).map(([name, value]) => `SEMAPHORE_CACHE_${name}=${value}`),
          `AWS_REGION=${region}`,
          `AWS_ENDPOINT_URL=${moto().url}`,
        ],
      },
      'secret-env-vars': Object.fromEntries(
        ['aws_access_key_id', 'aws_secret_access_key'].map(name => [
          name.toUpperCase(),
          `command:sed -n 's/^${name} = //p' ${file}`,
        ]),
      ),
    }
    writeYaml(desk(), 'cached.yml', { pools: { here } })
    const [id = ''] = desk().hub.queue(jobs(1, `${process.execPath} ${job}`))
    const ended = await next(desk().home)
    expect(ended, ended.output).toMatchObject({ code: 0 })
    expect(desk().hub.log(id)).toContain('kept 1')
    expect(desk().hub.job(id)).toMatchObject({ result: 'passed' })
  })
}

/** Settings that change reach the next agent, with nothing to restart by hand. */
export function restarted(): void {
  step('Configure the agent', 'restarted service', {}, async next => {
    await using round = await newDesk({ jobs: jobs(1, '[ "$STAGE" = before ]') })
    const settings = (stage: string) =>
      writeYaml(round, 'serving.yml', {
        pools: { here: { provider: 'local', agent: { 'env-vars': [`STAGE=${stage}`] } } },
      })
    settings('before')
    const log = at(round, 'serve.log')
    writeFileSync(log, '')
    const words = { agentctl: 'echo $$ >serve.pid; exec agentctl' }
    const ended = next(round.home, { words, more: '>>serve.log 2>&1' })
    await until('the first job is over', () => results(round)[0] === 'passed 1')
    const pid = Number(readFileSync(at(round, 'serve.pid'), 'utf8'))

    settings('after')
    process.kill(pid, 'SIGHUP')
    await until('the new settings are in force', () =>
      readFileSync(log, 'utf8').includes('new configuration is in force'),
    )
    round.hub.queue(jobs(1, '[ "$STAGE" = after ]'))
    await until('the second job is over', () => results(round)[1] === 'passed 1')
    process.kill(pid, 'SIGTERM')
    expect(await ended).toMatchObject({ code: 0 })
  })
}
