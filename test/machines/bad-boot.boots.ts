import { createHash } from 'node:crypto'
import { agentScript, hangingModule, nothing } from './guest.ts'
import { scaled, scenario, timeouts, withAgent } from './scenario.ts'

const wrong = createHash('sha256').update('something else').digest('hex')
const right = createHash('sha256').update(agentScript).digest('hex')
const path = '/opt/semaphore/agent/agent'

scenario('no agent in the image and no download: said, and off', async ({ boot, end, expect }) => {
  const ended = await end(await boot({}, { agent: false }))
  expect(ended).toMatchObject({
    reason: 'agent-failed',
    detail: `boot: no agent at ${path}, and no download is configured`,
  })
})

scenario('the download is not there', async ({ boot, end, expect, files }) => {
  const download = {
    x86_64: { url: `http://user:secret@${files.url.slice(7)}/agent?sig=secret`, sha256: right },
  }
  const ended = await end(await boot({ agent: { path, download } }, { agent: false }))
  expect(ended.reason).toBe('agent-failed')
  expect(ended.detail).toMatch(/^boot: no agent from http:\/\/[\d.:]+\/agent in 2 attempts: .*404/)
  expect(ended.text).not.toContain('secret')
  expect(files.requests).toEqual(['GET /agent?sig=secret', 'GET /agent?sig=secret'])
})

scenario('the mirror is down', async ({ boot, end, expect, engine }) => {
  const download = { x86_64: { url: `http://${engine.address}:9/agent`, sha256: right } }
  const ended = await end(await boot({ agent: { path, download } }, { agent: false }))
  expect(ended.detail).toMatch(/^boot: no agent from .* in 2 attempts: .*connect/i)
})

scenario('the checksum is wrong', async ({ boot, end, expect, files }) => {
  const download = { x86_64: { url: files.put('agent', agentScript), sha256: wrong } }
  const ended = await end(await boot({ agent: { path, download } }, { agent: false }))
  expect(ended.reason).toBe('agent-failed')
  expect(ended.detail).toContain(`its SHA-256 is ${right}, not ${wrong}`)
  expect(ended.marks).not.toHaveProperty('agent-started')
})

scenario("the toolbox's checksum is wrong", async ({ boot, end, expect, files }) => {
  const toolbox = { x86_64: { url: files.put('toolbox.tar', 'no tar'), sha256: wrong } }
  const ended = await end(await boot({ toolbox }))
  expect(ended.detail).toMatch(/^boot: no toolbox from .*not/)
})

scenario('a download for another architecture alone', async ({ boot, end, expect, files }) => {
  const download = { arm64: { url: files.put('agent', agentScript), sha256: right } }
  const ended = await end(await boot({ agent: { path, download } }, { agent: false }))
  expect(ended.detail).toBe('boot: no agent is configured for x86_64')
})

for (const [command, from, where] of [
  ['nft', 'nftables', '/usr/sbin/nft'],
  ['git', 'git', '/usr/bin/git'],
  ['bash', 'bash', '/usr/bin/bash'],
] as const) {
  scenario(`an image without ${command}`, async ({ boot, end, expect }) => {
    const ended = await end(await boot({}, { mounts: [`${nothing}:${where}:ro`] }))
    expect(ended).toMatchObject({
      reason: 'agent-failed',
      detail: `boot: the image lacks ${command} (package ${from})`,
    })
    expect(ended.marks).not.toHaveProperty('booted')
  })
}

scenario('a before script that fails', async ({ boot, end, expect }) => {
  const ended = await end(await boot({ before: 'exit 7' }))
  expect(ended).toMatchObject({ reason: 'agent-failed', detail: 'boot: the before script ended with 7' })
})

scenario('an after script that fails', async ({ boot, end, expect }) => {
  const ended = await end(await boot({ after: 'false' }))
  expect(ended).toMatchObject({ reason: 'agent-failed', detail: 'boot: the after script ended with 1' })
})

scenario('user data without this unit', async ({ boot, end, expect }) => {
  const ended = await end(await boot({ identity: { kind: 'fixed', index: 5 } }))
  expect(ended.detail).toBe('boot: user data has no unit 5')
})

scenario('an agent that would be root', async ({ boot, end, expect }) => {
  const ended = await end(await boot({ user: 'root' }))
  expect(ended.detail).toBe('boot: the user of the agent is root')
})

scenario("cloud-init's stage for scripts fails: the boot deadline ends the machine", async stage => {
  const { boot, end, expect } = stage
  const module = '/usr/lib/python3/dist-packages/cloudinit/config/cc_scripts_user.py'
  const machine = await boot(
    { timeouts: timeouts({ boot: 15, agent: 5 }) },
    { mounts: [`${nothing}:${module}:ro`] },
  )
  expect(await end(machine)).toMatchObject({
    reason: 'boot-timeout',
    detail: `no agent registered within ${scaled(15) + scaled(5)} s of boot; last phase: timers-armed`,
  })
})

scenario('cloud-init hangs in its network stage: the boot deadline ends the machine', async stage => {
  const { boot, end, expect } = stage
  const module = '/usr/lib/python3/dist-packages/cloudinit/config/cc_bootcmd.py'
  const machine = await boot(
    { timeouts: timeouts({ boot: 15, agent: 5 }) },
    { mounts: [`${hangingModule}:${module}:ro`] },
  )
  const ended = await end(machine)
  expect(ended).toMatchObject({ reason: 'boot-timeout' })
  expect(ended.marks).not.toHaveProperty('booted')
})

scenario('the set-up hangs: the boot deadline ends the machine', async ({ boot, end, expect }) => {
  const limits = timeouts({ boot: 15, agent: 5 })
  const ended = await end(await boot({ timeouts: limits, before: 'sleep infinity' }))
  expect(ended).toMatchObject({
    reason: 'boot-timeout',
    detail: `no agent registered within ${scaled(15) + scaled(5)} s of boot; last phase: booted`,
  })
})

scenario('the whole life ends a boot that hangs for longer', async ({ boot, end, expect }) => {
  const limits = timeouts({ boot: 100, agent: 50, total: 20 })
  const ended = await end(await boot({ timeouts: limits, before: 'sleep infinity' }))
  expect(ended).toMatchObject({ reason: 'expired', detail: `power-off forced: its ${scaled(20)} s are over` })
})

scenario('the agent refuses its configuration', async stage => {
  const { boot, end, expect } = stage
  const ended = await end(await boot(withAgent(stage, { 'env-vars': ['A=1=2'] })))
  expect(ended.reason).toBe('agent-failed')
  expect(ended.detail).toMatch(/^the agent did not start, exit=1: .*not a valid environment variable/)
})
