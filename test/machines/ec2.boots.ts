import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { enforced, outOfBand } from '../aws-cache/support.ts'
import { missingMoto, startMoto } from '../clouds/aws/moto.ts'
import type { PlayedInstance } from '../clouds/guests.ts'
import { newHome, run } from '../support/cli.ts'
import { guestAgent } from './guest.ts'
import { bootMachine } from './machine.ts'
import { startMetadata } from './netns.ts'
import { bootInstances } from './played.ts'
import { type Stage, scenario } from './scenario.ts'

const s3 = readFileSync(fileURLToPath(new URL('./s3.py', import.meta.url)), 'utf8')
const bucket = 'acme-cache'
const go = '/run/agentctl/go'

type Moto = Awaited<ReturnType<typeof startMoto>>

/** moto listens on the loopback alone; guests find it at the engine's bridge. */
async function atBridge(stage: Stage, { url }: Moto): Promise<string> {
  const port = Number(new URL(url).port)
  const server: Server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, stage.engine.address, resolve))
  stage.later(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://${stage.engine.address}:${address.port}`
}

/** Keys of somebody who may do everything: with IAM enforced, moto knows no other caller but the role. */
async function controllerKeys(moto: Moto): Promise<Record<string, string>> {
  const { iam } = outOfBand(moto, moto.region)
  const UserName = 'controller'
  await iam.createUser({ UserName })
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  await iam.putUserPolicy({ UserName, PolicyName: 'all', PolicyDocument: JSON.stringify(everything) })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  return {
    AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
  }
}

/** What the metadata service tells of the role that the machine has: credentials that moto checks. */
async function roleAnswers(moto: Moto, role: string): Promise<Record<string, string>> {
  const { Credentials: lent } = await outOfBand(moto, moto.region).sts.assumeRole({
    RoleArn: `arn:aws:iam::123456789012:role/${role}`,
    RoleSessionName: 'i-0',
  })
  const base = '/latest/meta-data/iam/security-credentials/'
  const body = {
    Code: 'Success',
    AccessKeyId: lent?.AccessKeyId,
    SecretAccessKey: lent?.SecretAccessKey,
    Token: lent?.SessionToken,
    Expiration: lent?.Expiration,
  }
  return { [base]: role, [`${base}${role}`]: JSON.stringify(body, null, 2) }
}

function instanceAnswers({ id, index, userData }: PlayedInstance) {
  const meta = { 'ami-launch-index': String(index), 'instance-id': id, 'local-hostname': `ip-${index}` }
  const document = { instanceId: id, region: 'us-east-1', accountId: '123456789012' }
  return {
    '/latest/meta-data/': Object.keys(meta).join('\n'),
    ...Object.fromEntries(Object.entries(meta).map(([key, value]) => [`/latest/meta-data/${key}`, value])),
    '/latest/dynamic/instance-identity/document': JSON.stringify(document),
    '/latest/user-data': { base64: Buffer.from(userData).toString('base64') },
  }
}

const readUserData = `python3 - <<'END'
import urllib.request
try:
    print('user data:', urllib.request.urlopen('http://169.254.169.254/latest/user-data', timeout=5).status)
except OSError as error:
    print('user data:', type(error.reason).__name__)
END`

function configOf({ hub }: Stage, profile: string) {
  // Nothing here waits for them, so a busy host may take its time.
  const timeouts = { boot: '8m', agent: '4m', total: '30m' }
  const spec = {
    ...{ region: 'us-east-1', image: 'ami-785db401', types: ['t3.micro'] },
    ...{ market: ['spot'], 'instance-profile': profile },
  }
  return {
    endpoint: hub.endpoint,
    'no-https': true,
    'api-token': 'env:API',
    'agent-types': { [hub.agentType]: { token: 'env:TOKEN', pools: ['ec2'] } },
    pools: {
      ec2: {
        ...{ provider: 'aws', capacity: { max: 10 }, timeouts, spec },
        agent: { binary: guestAgent, 'interruption-grace-period': 60 },
        bootstrap: { files: [{ path: '/opt/s3.py', content: s3 }] },
      },
    },
  }
}

/** One machine of the batch: booted from EC2's metadata service; the last one is taken back while its job runs. */
async function live(stage: Stage, instance: PlayedInstance, role: Record<string, string>): Promise<void> {
  const service = await startMetadata(stage.engine, { ...instanceAnswers(instance), ...role })
  stage.later(() => service.close())
  const machine = await bootMachine(stage.engine, {
    ...{ userData: instance.userData, source: 'ec2', network: service.network },
  })
  stage.later(() => machine.remove())
  stage.watch(machine)
  if (instance.index === 4) {
    await machine.console.line(/phase=agent-registered/)
    await service.answer('/latest/meta-data/spot/instance-action', '{"action": "terminate", "time": "soon"}')
    await machine.console.line(/spot notice/)
    await machine.exec('touch', go)
  }
  await stage.end(machine, 240)
}

scenario(
  'EC2: a batch of five on its own data source, each takes its own job',
  async stage => {
    const { hub, expect } = stage
    await using moto = await startMoto()
    const url = await atBridge(stage, moto)
    using home = newHome({ ...moto.env, TOKEN: hub.token, API: hub.apiToken })
    const made = await run(home, 'cache', 'create', '--provider', 'aws', '--bucket', bucket, '--json')
    expect(made, made.stderr).toMatchObject({ code: 0 })
    const profile = `agentctl-cache-${bucket}`
    writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(configOf(stage, profile)))
    const role = await roleAnswers(moto, profile)
    Object.assign(home.env, await controllerKeys(moto))
    const mine = (at: number) => [
      'cloud-init query instance_id',
      readUserData,
      `python3 /opt/s3.py ${url} ${bucket} job-${at}`,
    ]
    const waits = `while [ ! -e ${go} ]; do sleep 0.2; done`
    const ids = hub.queue(
      [0, 1, 2, 3, 4].map(at => ({ commands: [...mine(at), ...(at === 4 ? [waits] : [])] })),
    )
    await using _ = await enforced(moto)
    await using booted = bootInstances(moto.played, instance => live(stage, instance, role))

    const ended = await Promise.race([run(home, 'provision', '--json'), booted.failed])

    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.stdout)).toMatchObject({ done: 5, machines: 5, left: [] })
    const instances = await moto.instances()
    expect(instances.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4])
    const logs = ids.map(id => hub.log(id))
    for (const [at, log] of logs.entries()) {
      expect(hub.job(ids[at] ?? '')).toMatchObject({ result: 'passed', runs: 1 })
      expect(log).toContain('user data: ConnectionRefusedError')
      expect(log).toContain(`s3: put 200 \ns3: get 200 by job-${at}\ns3: get with a wrong secret 403`)
      expect(log).not.toContain(hub.token)
    }
    // Five jobs on five machines, as cloud-init on each has it from EC2's service.
    const machines = logs.map(log => /^i-\w+$/m.exec(log)?.[0])
    expect(machines.sort()).toEqual(instances.map(({ id }) => id).sort())
    expect(await moto.left('test-ci')).toEqual([])
  },
  { missing: missingMoto() },
)
