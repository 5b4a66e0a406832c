import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHub } from '@agentctl/plugin-devkit'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { composeAgentConfig, renderConfigYml } from '../../src/agent/index.ts'
import { composeFile } from '../../src/bootstrap/respawn/compose.ts'
import { missingEdges } from '../docs/diagram.ts'
import { until } from '../support/cli.ts'
import { ask, image, sharedEngine } from './engine.ts'

const engine = await sharedEngine()

/** What the hub sees of the states in docs/isolation.md. */
const states: Readonly<Record<string, string>> = {
  registered: 'Registered',
  'job-started': 'Running',
  disconnected: 'Stopped',
}

interface Service {
  readonly image: string
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly init: boolean
  readonly read_only: boolean
  readonly tmpfs: readonly string[]
  readonly cap_drop: readonly string[]
  readonly cap_add: readonly string[]
  readonly security_opt: readonly string[]
  readonly volumes: readonly string[]
}

/** What Compose asks of the engine for the file's only service; the network is the host's, where the hub is. */
function containerOf(file: string) {
  const service = parse(file).services.agent as Service
  const mounts = service.tmpfs.map(mount => [
    mount.slice(0, mount.indexOf(':')),
    mount.slice(mount.indexOf(':') + 1),
  ])
  return {
    Image: service.image,
    User: service.user,
    Entrypoint: service.entrypoint.map(word => word.replaceAll('$$', '$')),
    HostConfig: {
      Init: service.init,
      NetworkMode: 'host',
      RestartPolicy: { Name: 'always' },
      ReadonlyRootfs: service.read_only,
      Tmpfs: Object.fromEntries(mounts),
      CapDrop: service.cap_drop,
      CapAdd: service.cap_add,
      SecurityOpt: service.security_opt,
      Binds: service.volumes,
    },
  }
}

describe.skipIf(engine.missing !== undefined)(`agent compose ${engine.missing ?? ''}`, () => {
  it('comes back clean after each job, and no job reads the token', { timeout: 90_000 }, async () => {
    const dirty = 'echo dirt >~/dirt; echo dirt >/tmp/dirt; (sleep 300 &)'
    const secret =
      'cat /run/secrets/agent-config /run/agentctl/config.yml; env; cat /proc/[0-9]*/environ; true'
    const clean = 'test ! -e ~/dirt && test ! -e /tmp/dirt && test -w ~'
    const hub = await startHub({
      knobs: { syncMs: 100 },
      jobs: [{ commands: [dirty, secret] }, { commands: [clean] }, { commands: [clean] }],
    })
    const folder = mkdtempSync(join(tmpdir(), 'agentctl-respawn-'))
    const configFile = join(folder, 'config.yml')
    const basis = { endpoint: hub.endpoint, noHttps: true, token: hub.token, idleMs: 60_000, agent: {} }
    writeFileSync(configFile, renderConfigYml(composeAgentConfig(basis)))
    chmodSync(configFile, 0o600)
    const file = composeFile({
      image,
      replicas: 1,
      configFile,
      agentPath: '/usr/local/bin/agent',
      user: 'worker',
      graceSeconds: 0,
    })
    const name = `respawn-${process.pid}`
    const made = await ask(engine, 'POST', `/containers/create?name=${name}`, containerOf(file))
    expect(made.text).toContain('Id')

    await ask(engine, 'POST', `/containers/${name}/start`)
    try {
      await until('all jobs are over', () => hub.jobs().every(job => job.result !== null), 60_000)
      const { json } = await ask(engine, 'GET', `/containers/${name}/json`)
      expect(hub.jobs().map(({ result, runs }) => ({ result, runs }))).toEqual(
        Array(3).fill({ result: 'passed', runs: 1 }),
      )
      expect(new Set(hub.jobs().map(job => job.agent)).size).toBe(3)
      expect(json.RestartCount).toBeGreaterThanOrEqual(2)
      const way = hub.events().flatMap(({ event }) => states[event] ?? [])
      const lives = ['Starting', 'Registered', 'Running', 'Stopped']
      expect(way.slice(0, 9)).toEqual([...lives, ...lives, ...lives].filter(state => state !== 'Starting'))
      expect(missingEdges('With Docker Compose', [...lives, 'Starting'])).toEqual([])
      const [first] = hub.jobs()
      expect(hub.log(first?.id ?? '')).toContain('Permission denied')
      expect(hub.log(first?.id ?? '')).not.toContain(hub.token)
    } finally {
      const { text } = await ask(engine, 'GET', `/containers/${name}/logs?stdout=1&stderr=1`)
      await ask(engine, 'DELETE', `/containers/${name}?force=1&v=1`)
      await hub.close()
      rmSync(folder, { recursive: true })
      if (hub.jobs().some(job => job.result !== 'passed')) process.stderr.write(text)
    }
  })
})
