import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stateFolder } from '../../src/effects/paths.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { openFront } from '../clouds/aws/front.ts'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { playGuests } from '../clouds/guests.ts'
import { run, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'

const why = missingMoto()

describe.skipIf(why !== undefined)(`token-delivery: presigned on EC2${why ? ` (${why})` : ''}`, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto()
  }, 90_000)
  afterAll(async () => moto?.[Symbol.asyncDispose]())

  function configure({ home, hub }: Round, bucket: string): void {
    const spec = { region: moto.region, image: 'ami-785db401', types: ['t3.micro'] }
    const pool = { provider: 'aws', 'token-delivery': 'presigned', 'token-bucket': bucket, spec }
    const types = { [hub.agentType]: { token: 'env:SEMAPHORE_AGENT_TOKEN', pools: ['linux'] } }
    const config = { 'no-https': true, 'agent-types': types, pools: { linux: pool } }
    writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))
    delete home.env.AGENTCTL_PROVIDER
  }

  /** As after a minute of looking, which a journal that starts empty takes where lists lag. */
  function acquaint({ home }: Round): void {
    const journal = openJournal(stateFolder('test-ci', home.env, home.folder), Date.now)
    const scope = `aws/default/${moto.region}`
    journal.saveAcquaintance({ scope, firstAt: 0, since: 60_000, hadMachines: false })
    journal[Symbol.dispose]()
  }

  const scripts = async () =>
    (await moto.instances()).map(({ userData }) => gunzipSync(Buffer.from(userData, 'base64')).toString())

  it('machines fetch the token, and their user data is free of it, and the same when a killed run is taken up', async () => {
    await using round = await newRound({ jobs: jobs(3, 'true') })
    await using front = await openFront(moto.url)
    const { hub, home } = round
    Object.assign(home.env, moto.env, { AWS_ENDPOINT_URL: front.url })
    configure(round, 'acme-tokens')
    acquaint(round)
    const bucket = ['--provider', 'aws', '--bucket', 'acme-tokens', '--access', 'none', '--expire-days', '0']
    expect(await run(home, 'cache', 'create', ...bucket)).toMatchObject({ code: 0 })

    const launches = () =>
      front.passed.filter(({ action, params }) => action === 'RunInstances' && !params.has('DryRun'))
    front.decide(({ action, params }) =>
      action === 'RunInstances' && !params.has('DryRun') ? { lost: 'request' } : undefined,
    )
    const first = start(home, 'provision')
    await until('a launch is on its way', () => launches().length > 0)
    first.child.kill('SIGKILL')
    await first.ended
    front.decide(() => undefined)
    expect(await moto.instances()).toEqual([])

    await using _ = await playGuests(moto.played)
    const second = await run(home, 'provision')
    expect(second).toMatchObject({ code: 0 })
    expect(hub.jobs().map(job => [job.runs, job.result])).toEqual(Array(3).fill([1, 'passed']))
    expect(launches().length).toBeGreaterThan(1)
    expect(new Set(launches().map(({ params }) => params.get('ClientToken'))).size).toBe(1)
    expect(new Set(launches().map(({ params }) => params.get('UserData'))).size).toBe(1)

    const told = await scripts()
    expect(told).toHaveLength(3)
    for (const script of told) {
      expect(script).not.toContain(hub.token)
      expect(script).toContain('X-Amz-Signature=')
    }
    const uploads = front.passed.filter(({ method, action }) => method === 'PUT' && action.includes('/s1-'))
    expect(uploads).toHaveLength(2)

    const before = front.passed.length
    expect(await run(home, 'capacity', 'plan')).toMatchObject({ code: 0 })
    expect(front.passed.slice(before).filter(({ method }) => method === 'PUT')).toEqual([])

    const kept = globSync(join(home.folder, 'state/**/*'), { withFileTypes: true })
      .filter(file => file.isFile())
      .map(file => readFileSync(join(file.parentPath, file.name), 'latin1'))
    expect(kept.length).toBeGreaterThan(0)
    const said = [...kept, first.output(), second.stdout, second.stderr].join('\n')
    expect(said).not.toContain('X-Amz-Signature')
    expect(said).not.toContain(hub.token)
  }, 90_000)

  it('is refused before any launch where the bucket is not there, or the provider cannot', async () => {
    await using round = await newRound({ jobs: jobs(1, 'true') })
    Object.assign(round.home.env, moto.env)
    configure(round, 'acme-no-such')
    acquaint(round)
    const missing = await run(round.home, 'provision')
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no bucket acme-no-such'),
    })
    expect(await moto.instances()).toHaveLength(3)

    const file = join(round.home.folder, 'agentctl.yml')
    const { pools, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
    const local = { ...pools.linux, provider: 'local', spec: {} }
    writeFileSync(file, JSON.stringify({ ...rest, pools: { linux: local } }))
    const refused = await run(round.home, 'provision')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('no presigned token') })
  }, 60_000)
})
