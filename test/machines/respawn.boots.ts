import { composeAgentConfig, renderConfigYml } from '../../src/agent/index.ts'
import { newHome, run, until } from '../support/cli.ts'
import { bootMachine } from './machine.ts'
import { type Stage, scaled, scenario } from './scenario.ts'

/** What a person does once: the unit that the command line prints, and settings that root alone can read. */
async function userData({ hub, expect }: Stage): Promise<Uint8Array> {
  using home = newHome()
  const unit = await run(home, 'agent', 'unit', '--user', 'semaphore')
  expect(unit, unit.stderr).toMatchObject({ code: 0 })
  const basis = { endpoint: hub.endpoint, noHttps: true, token: hub.token, idleMs: 60_000, agent: {} }
  return new TextEncoder().encode(`#!/bin/sh
useradd --create-home --shell /bin/bash semaphore
install -d -m 700 /etc/semaphore-agent
umask 077
cat >/etc/semaphore-agent/config.yml <<'END'
${renderConfigYml(composeAgentConfig(basis))}
END
cat >/etc/systemd/system/semaphore-agent@.service <<'END'
${unit.stdout}
END
systemctl daemon-reload
systemctl enable semaphore-agent@1
systemctl start --no-block semaphore-agent@1
`)
}

const dirty = 'echo dirt >/tmp/dirt; setsid sleep 4711 >/dev/null 2>&1 &'
const clean = 'test ! -e /tmp/dirt && ! pgrep -f "sleep 4711"'
const secret = 'cat /etc/semaphore-agent/config.yml /run/semaphore-agent-1/config.yml; env; true'

scenario('agent unit: a new agent for each job, and nothing of the last one', async stage => {
  const { hub, engine, expect } = stage
  const ids = hub.queue([
    { commands: [dirty, secret] },
    { commands: [clean, dirty] },
    { commands: [clean, secret] },
  ])
  const machine = await bootMachine(engine, { userData: await userData(stage) })
  stage.later(() => machine.remove())
  stage.watch(machine)

  const results = () => ids.map(id => hub.job(id)?.result)
  await until('all jobs are over', () => results().every(Boolean), 1000 * scaled(90))

  expect(results()).toEqual(['passed', 'passed', 'passed'])
  expect(new Set(ids.map(id => hub.job(id)?.agent)).size).toBe(3)
  expect(hub.log(ids[0] ?? '')).toContain('Permission denied')
  expect(ids.map(id => hub.log(id)).join('')).not.toContain(hub.token)
  const restarts = await machine.exec('systemctl', 'show', '--property=NRestarts', 'semaphore-agent@1')
  expect(Number(restarts.stdout.split('=')[1])).toBeGreaterThanOrEqual(2)
})
