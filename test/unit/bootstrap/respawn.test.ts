import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { composeFile } from '../../../src/bootstrap/respawn/compose.ts'
import { containerUnit, processUnit } from '../../../src/bootstrap/respawn/unit.ts'

const respawn = {
  image: 'acme/agent:1',
  replicas: 2,
  configFile: '/etc/semaphore-agent/config.yml',
  agentPath: '/opt/semaphore/agent/agent',
  user: 'semaphore',
  graceSeconds: 30,
}

describe('compose file', () => {
  const { agent } = parse(composeFile(respawn)).services

  it('restarts a container that keeps nothing', () => {
    expect(agent).toMatchObject({
      restart: 'always',
      read_only: true,
      deploy: { replicas: 2 },
      stop_grace_period: '120s',
    })
    expect(agent.tmpfs.map((mount: string) => mount.split(':')[0])).toEqual(['/tmp', '/run', '/run/agentctl'])
  })

  it('gives Compose no dollar to interpolate', () => {
    expect(agent.entrypoint[2].replaceAll('$$', '')).not.toContain('$')
  })

  it('has a script that bash takes', () => {
    const script = agent.entrypoint[2].replaceAll('$$', '$')
    expect(spawnSync('bash', ['-n'], { input: script })).toMatchObject({ status: 0 })
  })
})

describe.each([
  ['container', containerUnit(respawn)],
  ['process', processUnit(respawn)],
])('%s unit', (_, unit) => {
  it('comes back after each job, for as long as it takes', () => {
    expect(unit).toMatch(/^Restart=always$/m)
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m)
  })

  it('has no secret in it, only the path of one', () => {
    expect(unit).toContain('/etc/semaphore-agent/config.yml')
  })

  it.runIf(spawnSync('systemd-analyze', ['--version']).status === 0)('is accepted by systemd itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentctl-unit-'))
    const file = join(folder, 'semaphore-agent@.service')
    // What the unit names is not on this machine; the syntax is what is looked at.
    writeFileSync(file, unit.replaceAll('/usr/bin/docker', '/bin/true').replace(/^Requires=.*$/m, ''))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

it('escapes what systemd would read as its own', () => {
  const unit = processUnit({ ...respawn, agentPath: '/opt/100%/a"b\\c' })
  expect(unit).toContain('/opt/100%%/a\\"b\\\\c')
  expect(unit).not.toMatch(/[^$]\$\(getent/)
})
