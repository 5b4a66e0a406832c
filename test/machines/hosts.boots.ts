import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import { inject, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type Hub, startHub } from '../../plugins/devkit/src/index.ts'
import { missing } from '../coordinator/cluster.ts'
import { newHome, run as runHere } from '../support/cli.ts'
import { must, run } from './commands.ts'
import { type Database, startDatabase } from './database.ts'
import type { Engine } from './engine.ts'
import { guestMounts } from './guest.ts'
import { bootMachine, type Machine } from './machine.ts'

const engine = inject('engine')
const slowness = inject('slowness')
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const isSkipped = engine === null || missing !== undefined
const unit = 'agentctl-acme.service'
/** The unit has a /tmp of its own, and this checkout may lie in the other one. */
const installed = '/opt/agentctl'

/**
 * What a person does on each host, with what `capacity install` prints. The address is in a file that is root's alone, for
 * in a container systemd hands out no credentials.
 */
const installs = `#!/bin/sh
export HOME=/root
useradd --system --home-dir /var/lib/agentctl agentctl
/opt/devkit/node ${installed}/bin/run.js capacity install --systemd --serve --config /etc/agentctl/agentctl.yml \\
  >/etc/systemd/system/${unit}
systemctl daemon-reload
systemctl start --no-block ${unit}
`

it.skipIf(isSkipped).concurrent(
  'two hosts with one and the same unit: ready, confined, each with its share, and one takes over from the other',
  { timeout: 10 * 60_000 * slowness },
  async ({ expect, onTestFinished }) => {
    if (engine === null) return
    const database = await startDatabase(engine.address)
    const hub = await startHub({ host: engine.address, knobs: { syncMs: 200 } })
    const folder = settingsFor(hub, database)
    const options = {
      userData: new TextEncoder().encode(installs),
      mounts: [`${root}:${installed}:ro`, `${folder}:/etc/agentctl:ro`],
    }
    const machines = await Promise.all([bootMachine(engine, options), bootMachine(engine, options)])
    const [one, other] = machines
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') {
        const said = await Promise.all(machines.map(machine => machine.exec('journalctl', '-n', '60')))
        process.stderr.write(said.map(({ stdout }) => stdout).join('\n'))
      }
      await Promise.all(machines.map(machine => machine.remove()))
      await hub.close()
      await database[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    })
    const isActive = async (machine: Machine) => (await show(machine, 'ActiveState')) === 'active'
    await until(async () => (await isActive(one)) && (await isActive(other)))
    expect(await show(one, 'StatusText')).toMatch(/^the host m-\w+, one of [12]$/)
    // The address is in no argument and no unit; the process has no rights, and the filter of calls is on.
    const seen = await one.exec('sh', '-c', inspects)
    expect(seen.stdout).not.toContain('postgres:')
    expect(seen.stdout).toMatch(/CapEff:\s+0{16}\n/)
    expect(seen.stdout).toMatch(/Seccomp:\s+2\n/)

    await until(async () => (await shares(one)).every(works => works === 1))
    for (let count = 0; count < 2; count++) hub.queue({ commands: ['true'] })
    await until(() => hub.jobs().every(job => job.state === 'finished'))
    expect(hub.jobs().map(({ runs, result }) => ({ runs, result }))).toEqual(
      Array(2).fill({ runs: 1, result: 'passed' }),
    )
    await one.exec('systemctl', 'stop', unit)
    expect([await show(one, 'ActiveState'), await show(one, 'Result')]).toEqual(['inactive', 'success'])
    await until(async () => String(await shares(other)) === '2')
    expect((await other.exec('journalctl', '-u', unit)).stdout).not.toContain('Error')
  },
)

it.skipIf(isSkipped).concurrent(
  'a pod of the Deployment: it runs within what its manifest allows, as its probes say, and gives its works back',
  { timeout: 10 * 60_000 * slowness },
  async ({ expect, onTestFinished }) => {
    if (engine === null) return
    const env = { DOCKER_HOST: engine.host }
    const database = await startDatabase(engine.address)
    const hub = await startHub({ host: engine.address, knobs: { syncMs: 200 } })
    const folder = settingsFor(hub, database)
    const name = `pod-${process.pid}`
    onTestFinished(async () => {
      await run('docker', ['rm', '-f', '-v', name], { env })
      await hub.close()
      await database[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    })
    const pod = await podIn(folder)
    const secrets = { AGENTCTL_COORDINATOR: database.address, TOKEN: hub.token }
    await must('docker', ['run', '--detach', '--name', name, ...dockerFlags(pod, name, engine, folder)], {
      env: { ...env, ...secrets },
    })
    const probe = async (path?: string) =>
      (await run('docker', ['exec', name, ...curl, `http://127.0.0.1:9464${path}`], { env })).stdout
    const [container] = pod.containers
    await until(async () => (await probe(container?.readinessProbe?.httpGet?.path)) === '200')
    expect(await probe(container?.livenessProbe?.httpGet?.path)).toBe('200')
    hub.queue({ commands: ['true'] })
    await until(() => hub.jobs().every(job => job.state === 'finished' && job.result === 'passed'))
    await must('docker', ['stop', '--time', String(pod.terminationGracePeriodSeconds), name], { env })
    expect(await must('docker', ['inspect', '--format', '{{.State.ExitCode}}', name], { env })).toBe('0')
    using home = newHome({ DATABASE: database.address, AGENTCTL_OWNER: 'acme' })
    const { stdout } = await runHere(home, 'hosts', 'list', '--json', '--coordinator', 'env:DATABASE')
    expect(JSON.parse(stdout).hosts).toMatchObject([{ host: name, state: 'ended', works: [] }])
  },
)

const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}']
const inspects = `pid=$(systemctl show --value --property MainPID ${unit})
tr '\\0' '\\n' </proc/$pid/cmdline; grep -E 'CapEff|Seccomp:' /proc/$pid/status
systemctl cat ${unit}`

/** What the kubelet would make of the manifest, as far as an engine has words for it. */
function dockerFlags(pod: PodSpec, name: string, { image }: Engine, folder: string): readonly string[] {
  const [container] = pod.containers
  const security = container?.securityContext
  const values: Readonly<Record<string, string>> = { AGENTCTL_HOST: name }
  const variables = (container?.env ?? []).map(one => {
    const value = one.value ?? values[one.name]
    return value === undefined ? one.name : `${one.name}=${value}`
  })
  const empty = (container?.volumeMounts ?? []).filter(({ name: volume }) =>
    pod.volumes?.some(one => one.name === volume && one.emptyDir),
  )
  const [, ...args] = container?.command ?? []
  return [
    ...['--user', `${pod.securityContext?.runAsUser}:${pod.securityContext?.runAsGroup}`],
    ...(security?.readOnlyRootFilesystem ? ['--read-only'] : []),
    ...(security?.allowPrivilegeEscalation === false ? ['--security-opt=no-new-privileges'] : []),
    ...(security?.capabilities?.drop ?? []).map(one => `--cap-drop=${one}`),
    `--memory=${container?.resources?.limits?.memory?.replace('Gi', 'g')}`,
    ...[...variables, 'TOKEN'].flatMap(one => ['--env', one]),
    ...empty.map(({ mountPath }) => `--tmpfs=${mountPath}:mode=1777,exec`),
    ...[...guestMounts({ agent: true }), `${root}:${root}:ro`, `${folder}:/etc/agentctl:ro`].flatMap(
      mount => ['--volume', mount],
    ),
    ...['--entrypoint', '/opt/devkit/node', image, `${root}/bin/run.js`, ...args],
  ]
}

type PodSpec = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>

async function podIn(folder: string): Promise<PodSpec> {
  using home = newHome({ AGENTCTL_OWNER: 'acme' })
  const config = ['--config', join(folder, 'agentctl.yml')]
  const { stdout } = await runHere(
    home,
    'capacity',
    'install',
    '--kubernetes',
    '--serve',
    '--image',
    'x',
    ...config,
  )
  const objects = parseAllDocuments(stdout).map(one => one.toJS())
  const { spec }: Deployment = objects.find(one => one.kind === 'Deployment')
  if (!spec?.template.spec) throw new Error('no pod')
  return spec.template.spec
}

/** Readable by everybody but for what is root's alone. */
function settingsFor(hub: Hub, database: Database): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-hosts-'))
  chmodSync(folder, 0o755)
  const variables = `TOKEN=${hub.token}\nAGENTCTL_COORDINATOR=${database.address}\n`
  writeFileSync(join(folder, 'env'), variables, { mode: 0o600 })
  writeFileSync(
    join(folder, 'agentctl.yml'),
    `owner: acme
endpoint: ${hub.endpoint}
no-https: true
coordinator: env:AGENTCTL_COORDINATOR
agent-types: { ${hub.agentType}: { token: 'env:TOKEN', pools: [here] } }
pools: { here: { provider: local, capacity: { max: 6 } } }
`,
  )
  return folder
}

async function show(machine: Machine, property: string): Promise<string> {
  return (await machine.exec('systemctl', 'show', '--value', '--property', property, unit)).stdout.trim()
}

/** How many works each host has that is alive. */
async function shares(machine: Machine): Promise<readonly number[]> {
  const { stdout } = await machine.exec(
    ...['sh', '-ac', '. /etc/agentctl/env; HOME=/root; exec "$@"', 'sh', '/opt/devkit/node'],
    ...[`${installed}/bin/run.js`, 'hosts', 'list', '--json', '--config', '/etc/agentctl/agentctl.yml'],
  )
  const { hosts } = JSON.parse(stdout) as { hosts: { state: string; works: unknown[] }[] }
  return hosts.filter(host => host.state === 'alive').map(host => host.works.length)
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 90_000 * slowness
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('not in time')
    await sleep(500)
  }
}
