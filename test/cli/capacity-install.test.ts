import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { InstallFile } from '../../src/operations/install/types.ts'
import { type Home, newHome, run } from '../support/cli.ts'

const config = `owner: test-ci
endpoint: hub.example
agent-types: { s1-x: { token: 'env:TOKEN', pools: [here] } }
pools: { here: { provider: local } }
`

function newInstallation(more = ''): Home {
  const home = newHome()
  writeFileSync(join(home.folder, 'agentctl.yml'), config + more)
  return home
}

async function filesOf(home: Home, ...args: readonly string[]): Promise<readonly InstallFile[]> {
  const { code, stdout, stderr } = await run(home, 'capacity', 'install', ...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout).files
}

const hasSystemd = existsSync('/usr/bin/systemd-analyze') || existsSync('/bin/systemd-analyze')

describe('capacity install', () => {
  it('prints a crontab whose line a shell runs', async () => {
    using home = newInstallation()
    const [file] = await filesOf(
      home,
      '--cron',
      '--user',
      'ci',
      '--variables-file',
      join(home.folder, 'its env'),
    )
    const line = file?.text.split('\n').find(one => one.startsWith('* * * * * ci '))
    expect(line).toContain('capacity run --for 55s --quiet --config')
    writeFileSync(join(home.folder, 'its env'), 'TOKEN=secret\n')
    const command = line?.slice('* * * * * ci '.length).replace('--for 55s --quiet', '--help') ?? ''
    const shown = execFileSync('sh', ['-c', command.replaceAll('\\%', '%')], {
      env: home.env,
      encoding: 'utf8',
    })
    expect(shown).toContain('Made for cron')
  })

  it.skipIf(!hasSystemd).each([
    ['a service and a timer', ['--systemd'], ['agentctl-test-ci.service', 'agentctl-test-ci.timer'], ''],
    ['a service for good', ['--systemd', '--serve'], ['agentctl-test-ci.service'], ''],
    ['a service of a host', ['--systemd', '--serve'], ['agentctl-test-ci.service'], 'coordinator: file:db\n'],
  ])('prints %s that systemd takes', async (_, args, names, more) => {
    using home = newInstallation(more)
    const files = await filesOf(home, ...args, '--user', 'root')
    expect(files.map(({ path }) => basename(path))).toEqual(names)
    const folder = join(home.folder, 'units')
    mkdirSync(folder)
    const paths = files.map(({ path, text }) => {
      const at = join(folder, basename(path))
      writeFileSync(at, text)
      chmodSync(at, 0o644)
      return at
    })
    const said = execFileSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(said).toBe('')
  })

  it.skipIf(!hasSystemd)('prints a service of a host that is hardly exposed', async () => {
    using home = newInstallation('coordinator: env:DATABASE\n')
    const [file] = await filesOf(home, '--systemd', '--serve', '--user', 'agentctl')
    const path = join(home.folder, 'agentctl-test-ci.service')
    writeFileSync(path, file?.text ?? '')
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
      encoding: 'utf8',
    })
    const exposure = Number(/exposure level for .*: (\d+\.\d)/.exec(said)?.[1])
    expect(exposure).toBeLessThanOrEqual(2)
  })

  it.each([
    ['is a credential where a file holds it', 'file:keys/db', (folder: string) => `${folder}/keys/db`],
    ['is left to its variable', 'env:DATABASE', () => undefined],
    ['without a password is read from the configuration', 'postgres://ci@db.example/ci', () => undefined],
  ])('the address of the coordinator %s', async (_, said, fileIn) => {
    using home = newInstallation(`coordinator: ${said}\n`)
    const [file] = await filesOf(home, '--systemd', '--serve')
    const lines = file?.text.split('\n') ?? []
    const path = fileIn(realpathSync(home.folder))
    const exec = lines.find(line => line.startsWith('ExecStart='))
    expect(lines.includes(`LoadCredential=coordinator:${path}`)).toBe(path !== undefined)
    expect(/ --coordinator file:\$\{CREDENTIALS_DIRECTORY\}\/coordinator$/.test(exec ?? '')).toBe(
      path !== undefined,
    )
    expect(lines).toContain('Environment=AGENTCTL_OWNER=test-ci')
    expect(file?.text).not.toContain('db.example')
  })

  it('prints no schedule of runs beside a coordinator', async () => {
    using home = newInstallation('coordinator: env:DATABASE\n')
    for (const args of [['--cron'], ['--systemd'], ['--kubernetes', '--image', 'x']]) {
      expect(await run(home, 'capacity', 'install', ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('one more controller'),
      })
    }
  })

  it('prints a CronJob with a volume, no overlap and no rights', async () => {
    using home = newInstallation()
    const [file] = await filesOf(home, '--kubernetes', '--image', 'agentctl:1', '--namespace', 'ci')
    const documents = parseAllDocuments(file?.text ?? '')
    expect(documents.flatMap(one => one.errors)).toEqual([])
    const objects = documents.map(one => one.toJS())
    expect(objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual(
      ['ServiceAccount', 'ConfigMap', 'PersistentVolumeClaim', 'CronJob'].map(kind => [
        kind,
        'agentctl-test-ci',
        'ci',
      ]),
    )
    expect(objects[1].data['agentctl.yml']).toBe(config)
    const { spec } = objects[3]
    const pod = spec.jobTemplate.spec.template.spec
    const [container] = pod.containers
    expect(spec).toMatchObject({ schedule: '* * * * *', concurrencyPolicy: 'Forbid' })
    expect(pod).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false })
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const mounts = Object.fromEntries(
      container.volumeMounts.map((one: { name: string; mountPath: string }) => [one.name, one.mountPath]),
    )
    expect(container.env).toContainEqual({ name: 'AGENTCTL_STATE_DIR', value: mounts.state })
    expect(objects.some(({ kind }) => /Role/.test(kind))).toBe(false)
  })

  it('needs one kind, and an image for Kubernetes', async () => {
    using home = newInstallation()
    expect(await run(home, 'capacity', 'install')).toMatchObject({ code: 2 })
    expect(await run(home, 'capacity', 'install', '--kubernetes')).toMatchObject({ code: 2 })
  })
})
