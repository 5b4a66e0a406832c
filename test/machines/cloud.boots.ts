import { startMetadata } from './netns.ts'
import { type Stage, scaled, scenario, withAgent } from './scenario.ts'

const address = 'http://169.254.169.254'

async function metadata(stage: Stage, answers: Record<string, string>) {
  const service = await startMetadata(stage.engine, answers)
  stage.later(() => service.close())
  return service
}

scenario('EC2: the guest takes the unit of its launch index', async stage => {
  const { boot, end, expect, hub, agentName } = stage
  const service = await metadata(stage, { '/latest/meta-data/ami-launch-index': '1' })
  const [first = '', second = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const units = [
    { index: 0, name: `${agentName}-0`, attempt: 1, jobId: first },
    { index: 1, name: `${agentName}-1`, attempt: 1, jobId: second },
  ]
  const machine = await boot({ units, identity: { kind: 'ec2-launch-index' } }, { network: service.network })
  expect((await end(machine)).reason).toBe('job-finished')
  expect(hub.job(second)).toMatchObject({ agent: `${agentName}-1`, result: 'passed' })
  expect(hub.job(first)).toMatchObject({ state: 'queued' })
})

scenario('EC2: no answer about the index ends the boot', async stage => {
  const { boot, end, expect } = stage
  const service = await metadata(stage, {})
  const machine = await boot({ identity: { kind: 'ec2-launch-index' } }, { network: service.network })
  expect((await end(machine)).detail).toContain("does not tell the machine's launch index")
})

/** Tries as the job, as root, and as a container on a bridge of the machine's own, by Python, which asks directly. */
const tries = (path: string) => `python3 - <<'END'
import urllib.request
try:
    print('metadata said', urllib.request.urlopen('${address}${path}', timeout=5).read().decode())
except OSError as error:
    print('metadata refused', error)
END`

const bridge = `ip netns add box
ip link add box0 type veth peer name box1
ip link set box1 netns box
ip address add 198.19.0.1/24 dev box0
ip link set box0 up
ip netns exec box ip address add 198.19.0.2/24 dev box1
ip netns exec box ip link set box1 up
ip netns exec box ip route add default via 198.19.0.1`

async function whoCanRead(stage: Stage, guard: 'guarded' | 'open') {
  const { boot, end, hub, expect, event } = stage
  const service = await metadata(stage, { '/user-data': 'the user data' })
  const [job = ''] = hub.queue({
    commands: [tries('/user-data'), 'while [ ! -e /run/agentctl/go ]; do sleep 0.2; done'],
  })
  const machine = await boot({ metadata: guard }, { network: service.network })
  await event('job-started')
  const byRoot = await machine.exec('sh', '-c', tries('/user-data'))
  const byBox = await machine.exec('sh', '-c', `${bridge}\nip netns exec box ${tries('/user-data')}`)
  await machine.exec('touch', '/run/agentctl/go')
  const ended = await end(machine)
  expect(ended.reason).toBe('job-finished')
  return { job: hub.log(job), root: byRoot.stdout, box: byBox.stdout, text: ended.text }
}

scenario('the metadata service is closed to a job and to containers, not to root', async stage => {
  const said = await whoCanRead(stage, 'guarded')
  stage.expect(said.root).toContain('metadata said the user data')
  stage.expect(said.job).toContain('metadata refused')
  stage.expect(said.box).toContain('metadata refused')
})

scenario('`metadata: open` leaves it open, and says so', async stage => {
  const said = await whoCanRead(stage, 'open')
  stage.expect(said.job).toContain('metadata said the user data')
  stage.expect(said.box).toContain('metadata said the user data')
  stage.expect(said.text).toContain('agentctl: the metadata service is open to jobs')
})

scenario('role credentials reach a job although the metadata service is closed', async stage => {
  const { boot, end, expect, hub } = stage
  const role = {
    AccessKeyId: 'AKEY',
    SecretAccessKey: 'SKEY',
    Token: 'TOKEN',
    Expiration: '2026-11-23T20:00:00Z',
  }
  const base = '/latest/meta-data/iam/security-credentials/'
  const service = await metadata(stage, {
    [base]: 'the-role',
    [`${base}the-role`]: JSON.stringify(role, null, 2),
  })
  const [job = ''] = hub.queue({
    commands: [
      'cat ~/.aws/config',
      `$(sed -n 's/^credential_process = //p' ~/.aws/config)`,
      'sudo -n true && echo "sudo is open" || echo "sudo is closed"',
    ],
  })
  const roleCredentials = { profile: 'cache', region: 'eu-west-1' }
  const machine = await boot({ roleCredentials }, { network: service.network })
  expect((await end(machine)).reason).toBe('job-finished')
  const log = hub.log(job)
  expect(log).toContain('[profile cache]')
  expect(log).toContain(
    '{"Version":1,"AccessKeyId":"AKEY","SecretAccessKey":"SKEY","SessionToken":"TOKEN","Expiration":"2026-11-23T20:00:00Z"}',
  )
  expect(log).toContain('sudo is closed')
})

for (const [cloud, path, notice] of [
  [
    'ec2',
    '/latest/meta-data/spot/instance-action',
    '{"action": "terminate", "time": "2026-11-23T20:00:00Z"}',
  ],
  ['gce', '/computeMetadata/v1/instance/preempted', 'TRUE'],
  ['azure', '/metadata/scheduledevents?api-version=2020-07-01', '{"Events":[{"EventType":"Preempt"}]}'],
] as const) {
  scenario(`a spot notice of ${cloud} lets the job finish within the grace period`, async stage => {
    const { boot, end, expect, hub, event } = stage
    const quiet = cloud === 'ec2' ? {} : { [path]: cloud === 'gce' ? 'FALSE' : '{"Events":[]}' }
    const service = await metadata(stage, quiet)
    const [job = ''] = hub.queue({
      commands: ['while [ ! -e /run/agentctl/go ]; do sleep 0.2; done', 'echo done'],
    })
    const machine = await boot(
      {
        ...withAgent(stage, { 'interruption-grace-period': scaled(30) }),
        cloud,
        spotNotice: { everyMs: 1000 },
      },
      { network: service.network },
    )
    await event('job-started')
    await service.answer(path, notice)
    await machine.console.line(/spot notice/)
    await event('interrupted')
    await machine.exec('touch', '/run/agentctl/go')
    const ended = await end(machine)
    expect(ended.reason).toBe('spot-reclaimed')
    expect(ended.detail).toContain("the agent's end: job-finished")
    expect(hub.job(job)).toMatchObject({ result: 'passed' })
  })
}

scenario('the token comes by a signed URL, and user data is without it', async stage => {
  const { boot, end, expect, hub, files, bootstrap } = stage
  const url = `${files.put('token', hub.token)}?signature=abc`
  const [job = ''] = hub.queue({ commands: ['true'] })
  const basis = { ...bootstrap().basis, token: '' }
  const ended = await end(await boot({ basis, token: { kind: 'presigned', url } }))
  expect(ended.reason).toBe('job-finished')
  expect(hub.job(job)).toMatchObject({ result: 'passed' })
  expect(files.requests).toEqual(['GET /token?signature=abc'])
})

scenario('a signed URL that has expired ends the boot, and is not shown', async stage => {
  const { boot, end, expect, files } = stage
  const url = `${files.url}/token?signature=abc`
  const ended = await end(await boot({ token: { kind: 'presigned', url } }))
  expect(ended.detail).toMatch(/^boot: no token behind its signed URL: .*404/)
  expect(ended.text).not.toContain('signature')
})
