import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newHome, run } from '../support/cli.ts'
import { must } from './commands.ts'
import { guestAgent, guestMounts } from './guest.ts'
import { scaled, scenario } from './scenario.ts'

function asSpec(mount: string) {
  const [source, target] = mount.split(':')
  return { source, target, 'read-only': true }
}

scenario('provision --provider docker: a system container boots, runs its job and is gone', async stage => {
  const { hub, engine, expect } = stage
  const [job = ''] = hub.queue({ commands: ['cat /proc/1/comm', 'cloud-init query cloud_name'] })
  using home = newHome({
    DOCKER_HOST: engine.host,
    SEMAPHORE_AGENT_TOKEN: hub.token,
    SEMAPHORE_API_TOKEN: hub.apiToken,
  })
  const timeouts = { boot: `${scaled(40)}s`, agent: `${scaled(30)}s`, total: `${scaled(300)}s` }
  const mounts = guestMounts({ agent: true }).map(asSpec)
  const config = {
    endpoint: hub.endpoint,
    'no-https': true,
    'agent-types': { [hub.agentType]: { pools: ['containers'] } },
    pools: {
      containers: {
        ...{ provider: 'docker', timeouts, agent: { binary: guestAgent } },
        spec: { guest: 'linux', image: engine.image, network: 'bridge', pull: 'never', mounts },
      },
    },
  }
  writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))

  const ended = await run(home, 'provision', '--json')

  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const { units, phases, left } = JSON.parse(ended.stdout)
  expect(units).toMatchObject([{ jobId: job, reason: 'job-finished', phase: 'gone' }])
  expect(left).toEqual([])
  expect(Object.keys(phases)).toEqual(
    expect.arrayContaining(['booting', 'booted', 'agent-started', 'agent-registered', 'agent-ended']),
  )
  expect(Object.keys(phases)).toEqual(expect.arrayContaining(['power-off', 'gone']))
  expect(hub.job(job)).toMatchObject({ result: 'passed', runs: 1 })
  expect(hub.log(job)).toMatch(/^systemd$/m)
  const filter = 'label=agentctl-owner=test-ci'
  expect(await must('docker', ['ps', '-aq', '--filter', filter], { env: { DOCKER_HOST: engine.host } })).toBe(
    '',
  )
})
