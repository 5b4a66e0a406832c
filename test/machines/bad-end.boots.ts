import { scaled, scenario, stopSlack, timeouts, withAgent } from './scenario.ts'

/** An agent in a few lines, where the stand-in will not do what is wanted. */
const fake = (...lines: string[]) => `cat >/opt/fake-agent <<'END'
#!/bin/sh
echo 'Registering Agent'
${lines.join('\n')}
END
chmod 755 /opt/fake-agent`
const fakeAgent = { path: '/opt/fake-agent' }

const oneJob = { hub: { jobs: [{ commands: ['sleep 60'] }] } }

scenario(
  'refused registration is tried again until the deadline',
  async ({ boot, end, expect, hub }) => {
    const limits = timeouts({ agent: 12 })
    const ended = await end(await boot({ timeouts: limits }))
    expect(ended.reason).toBe('refused')
    expect(ended.detail).toContain('quota')
    expect(hub.events().filter(({ event }) => event === 'refused').length).toBeGreaterThan(30)
  },
  { hub: { knobs: { organizationCeiling: 0 } } },
)

scenario(
  'a registration that is granted later is taken',
  async ({ boot, end, expect, hub }) => {
    const [job = ''] = hub.queue({ commands: ['true'] })
    const ended = await end(await boot())
    expect(ended.reason).toBe('job-finished')
    expect(ended.marks).toHaveProperty('agent-refused')
    expect(hub.job(job)).toMatchObject({ result: 'passed' })
  },
  { hub: { knobs: { registerRateLimits: 35 } } },
)

scenario(
  'a hub that nobody reaches: the agent deadline',
  async ({ boot, end, expect, bootstrap, engine }) => {
    const basis = { ...bootstrap().basis, endpoint: `${engine.address}:9` }
    const limits = timeouts({ agent: 8 })
    const ended = await end(await boot({ basis, timeouts: limits }))
    expect(ended.reason).toBe('agent-timeout')
  },
)

scenario(
  'the agent is killed',
  async ({ boot, end, expect, event }) => {
    const machine = await boot()
    await event('job-started')
    await machine.exec('pkill', '-KILL', '-f', 'dist/agent/main.js')
    const ended = await end(machine)
    expect(ended).toMatchObject({
      reason: 'agent-failed',
      detail: 'the agent ended without its hook, exit=137',
    })
  },
  oneJob,
)

scenario('the agent crashes after it has registered', async ({ boot, end, expect }) => {
  const before = fake('echo "Starting to poll for jobs"', 'sleep 1', 'echo "panic: oh no"', 'exit 2')
  const ended = await end(await boot({ before, agent: fakeAgent }))
  expect(ended).toMatchObject({ reason: 'agent-failed', detail: 'the agent ended without its hook, exit=2' })
})

scenario('the agent crashes before it registers', async ({ boot, end, expect }) => {
  const before = fake('echo "panic: oh no" | tee -a /var/log/agentctl/agent.log', 'exit 2')
  const ended = await end(await boot({ before, agent: fakeAgent }))
  expect(ended).toMatchObject({
    reason: 'agent-failed',
    detail: 'the agent did not start, exit=2: panic: oh no',
  })
  expect(ended.text).toContain('agentctl: log panic: oh no')
})

scenario(
  'the supervisor is killed: systemd ends the machine',
  async ({ boot, end, expect, event }) => {
    const machine = await boot()
    await event('job-started')
    await machine.exec('systemctl', 'kill', '--kill-whom=main', '--signal=KILL', 'agentctl-agent.service')
    const ended = await end(machine)
    expect(ended.reason).toBe('agent-failed')
    expect(ended.detail).toContain('the supervisor ended: result=signal exit=killed/KILL')
  },
  oneJob,
)

scenario("our own hook is gone: the agent's log has the reason", async ({ boot, end, expect, hub }) => {
  hub.queue({ commands: ['sudo rm /run/agentctl/shutdown-hook'] })
  const ended = await end(await boot({ sudo: true }))
  expect(ended.reason).toBe('job-finished')
  expect(ended.detail).toContain('shutdown hook did not run')
})

scenario("the user's hook is missing", async ({ boot, end, expect, hub }) => {
  hub.queue({ commands: ['true'] })
  const ended = await end(await boot({ shutdownHook: { path: '/opt/no-such-hook' } }))
  expect(ended.reason).toBe('job-finished')
  expect(ended.detail).toContain('the shutdown hook /opt/no-such-hook is not there')
})

scenario("the user's hook hangs", async ({ boot, end, expect, hub }) => {
  hub.queue({ commands: ['true'] })
  const files = [{ path: '/opt/hook', content: 'trap "" TERM\nsleep infinity\n', mode: '0644' }]
  const ended = await end(await boot({ files, shutdownHook: { path: '/opt/hook', timeoutMs: 2000 } }))
  expect(ended.reason).toBe('job-finished')
  expect(ended.detail).toContain('the shutdown hook /opt/hook hung and was ended after 2 s')
})

scenario("the user's hook fails", async ({ boot, end, expect, hub }) => {
  hub.queue({ commands: ['true'] })
  const files = [{ path: '/opt/hook', content: 'exit 3\n', mode: '0644' }]
  const ended = await end(await boot({ files, shutdownHook: { path: '/opt/hook' } }))
  expect(ended.detail).toContain('the shutdown hook /opt/hook failed with 3')
})

scenario('the network goes away while the agent waits', async ({ boot, end, expect }) => {
  const before = `sed -i 's/^exec/export AGENTCTL_DEV_AGENT_TIME_SCALE=0.01\\nexec/' /opt/agent`
  const copy = `cp /opt/semaphore/agent/agent /opt/agent\n${before}`
  const machine = await boot({ before: copy, agent: { path: '/opt/agent' } })
  await machine.console.line(/phase=agent-registered/)
  await machine.disconnect()
  const ended = await end(machine)
  expect(ended).toMatchObject({ reason: 'unable-to-sync', detail: 'exit=1' })
})

scenario('the network goes away before the agent registers', async ({ boot, end, expect }) => {
  const limits = timeouts({ agent: 8 })
  const ended = await end(await boot({ timeouts: limits, after: 'ip link set eth0 down' }))
  expect(ended.reason).toBe('agent-timeout')
})

scenario('the job reboots the machine: its second boot powers off', async ({ boot, end, expect, hub }) => {
  const [job = ''] = hub.queue({ commands: ['sudo systemctl reboot --force --force'] })
  const machine = await boot({ sudo: true })
  await machine.poweredOff(1000 * scaled(90))
  const again = await machine.startAgain()
  const ended = await end(again)
  expect(ended).toMatchObject({ reason: 'lost', detail: 'the machine booted a second time' })
  expect(ended.text.split('phase=agent-registered')).toHaveLength(2)
  expect(hub.job(job)).toMatchObject({ runs: 1 })
})

scenario('the boothook alone ends a second boot too', async ({ boot, end, expect, hub }) => {
  hub.queue({
    commands: [
      'sudo rm /etc/systemd/system/agentctl-second-boot.service',
      'sudo systemctl reboot --force --force',
    ],
  })
  const machine = await boot({ sudo: true })
  await machine.poweredOff(1000 * scaled(90))
  const ended = await end(await machine.startAgain())
  expect(ended).toMatchObject({ reason: 'lost', detail: 'the machine booted a second time' })
  expect(ended.text.split('phase=timers-armed')).toHaveLength(3)
})

scenario('the end of its life while a job runs: a soft stop, and the job finishes', async stage => {
  const { boot, end, expect, hub } = stage
  const [job = ''] = hub.queue({
    commands: ['while [ ! -e /run/agentctl/go ]; do sleep 0.2; done', 'sleep 1'],
  })
  const limits = timeouts({ total: 60 })
  const grace = scaled(20)
  const soft = scaled(60) - grace - scaled(stopSlack)
  const machine = await boot({
    ...withAgent(stage, { 'interruption-grace-period': grace }),
    timeouts: limits,
  })
  await machine.console.line(new RegExp(`soft stop: ${soft} s of ${scaled(60)} s are over`))
  await machine.exec('touch', '/run/agentctl/go')
  const ended = await end(machine)
  expect(ended.reason).toBe('expired')
  expect(ended.detail).toContain(
    `soft stop after ${soft} s of ${scaled(60)} s; the agent's end: job-finished, exit=0`,
  )
  expect(hub.job(job)).toMatchObject({ result: 'passed' })
})

scenario('a job that ignores the soft stop ends with the forced power-off', async stage => {
  const { boot, end, expect, hub } = stage
  hub.queue({ commands: ['sleep 1000'] })
  const limits = timeouts({ total: 30 })
  const machine = await boot({ ...withAgent(stage, { 'interruption-grace-period': 1000 }), timeouts: limits })
  const ended = await end(machine)
  expect(ended).toMatchObject({ reason: 'expired', detail: `power-off forced: its ${scaled(30)} s are over` })
  expect(ended.text).toContain(`soft stop: ${Math.floor(scaled(30) / 2)} s of ${scaled(30)} s are over`)
})

scenario('an agent that ignores SIGTERM is killed at TimeoutStopSec', async ({ boot, end, expect }) => {
  const before = fake('echo "Starting to poll for jobs"', 'trap "" TERM', 'while :; do sleep 1; done')
  const machine = await boot({ before, agent: fakeAgent, stopSlackMs: 4000 })
  await machine.console.line(/phase=agent-registered/)
  await machine.exec('systemctl', 'stop', '--no-block', 'agentctl-agent.service')
  const ended = await end(machine)
  expect(ended.reason).toBe('agent-failed')
  expect(ended.detail).toContain('the supervisor ended: result=timeout')
})

scenario('a service that will not stop does not keep the machine', async ({ boot, end, expect, hub }) => {
  hub.queue({ commands: ['true'] })
  const after =
    "systemd-run --unit=stubborn -p ExecStop='/bin/sleep 1000' -p TimeoutStopSec=infinity sleep 1000"
  const ended = await end(await boot({ after }))
  expect(ended.reason).toBe('job-finished')
  const seconds = ended.ms / 1000 - (ended.marks['power-off'] ?? 0)
  expect(seconds).toBeGreaterThan(55)
  expect(seconds).toBeLessThan(60 + scaled(20))
})

scenario('daemon-reload does not put off the end of life', async stage => {
  const { boot, end, expect, hub } = stage
  hub.queue({ commands: ['while sleep 1; do sudo systemctl daemon-reload; done'] })
  const limits = timeouts({ total: 30 })
  const grace = withAgent(stage, { 'interruption-grace-period': 1000 })
  const ended = await end(await boot({ ...grace, timeouts: limits, sudo: true }))
  expect(ended).toMatchObject({ reason: 'expired', detail: `power-off forced: its ${scaled(30)} s are over` })
})
