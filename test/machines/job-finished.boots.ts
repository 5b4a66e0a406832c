import { scaled, scenario, withAgent } from './scenario.ts'

scenario('a job runs, and the machine powers off', async ({ hub, boot, end, expect, agentName }) => {
  const [job = ''] = hub.queue({ commands: ['echo "I am $(id -un) of $(hostname)"'] })
  const ended = await end(await boot())
  expect(ended).toMatchObject({ reason: 'job-finished', detail: 'exit=0' })
  expect(hub.job(job)).toMatchObject({ result: 'passed', runs: 1, agent: agentName })
  expect(hub.log(job)).toContain('I am semaphore')
  const phases = ['timers-armed', 'booted', 'agent-started', 'agent-registered', 'agent-ended', 'power-off']
  expect(Object.keys(ended.marks).filter(phase => phases.includes(phase))).toEqual(phases)
  const times = phases.map(phase => ended.marks[phase] ?? Number.NaN)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

scenario('a unit with a job takes that job alone', async ({ hub, boot, end, expect, agentName }) => {
  const [first = '', second = ''] = hub.queue([{ commands: ['true'] }, { commands: ['true'] }])
  const units = [{ index: 0, name: agentName, attempt: 1, jobId: second }]
  expect((await end(await boot({ units }))).reason).toBe('job-finished')
  expect(hub.job(second)).toMatchObject({ result: 'passed', agent: agentName })
  expect(hub.job(first)).toMatchObject({ state: 'queued' })
})

scenario('an agent without work leaves as idle', async ({ boot, end, expect, bootstrap }) => {
  const ended = await end(await boot({ basis: { ...bootstrap().basis, idleMs: 1000 } }))
  expect(ended.reason).toBe('idle')
})

scenario('an agent that somebody disables leaves as requested', async stage => {
  const { hub, boot, end, expect, agentName } = stage
  const machine = await boot()
  await machine.console.line(/phase=agent-registered/)
  hub.disableAgent(agentName)
  expect((await end(machine)).reason).toBe('requested')
})

scenario('SIGTERM lets a job finish within its grace period', async stage => {
  const { hub, boot, end, expect, event } = stage
  const [job = ''] = hub.queue({ commands: ['echo started', 'sleep 4', 'echo finished'] })
  const machine = await boot(withAgent(stage, { 'interruption-grace-period': scaled(20) }))
  await event('job-started')
  await machine.exec('systemctl', 'stop', '--no-block', 'agentctl-agent.service')
  expect((await end(machine)).reason).toBe('job-finished')
  expect(hub.job(job)).toMatchObject({ result: 'passed' })
  expect(hub.log(job)).toContain('finished')
})

scenario('a job that outlives its grace period is stopped', async stage => {
  const { hub, boot, end, expect, event } = stage
  const [job = ''] = hub.queue({ commands: ['sleep 60'] })
  const machine = await boot(withAgent(stage, { 'interruption-grace-period': 2 }))
  await event('job-started')
  await machine.exec('systemctl', 'stop', '--no-block', 'agentctl-agent.service')
  expect((await end(machine)).reason).toBe('job-finished')
  expect(hub.job(job)).toMatchObject({ result: 'stopped' })
})

scenario("the cloud's power button gives a job its grace period too", async stage => {
  const { hub, boot, end, expect, event } = stage
  const [job = ''] = hub.queue({ commands: ['sleep 3', 'echo finished'] })
  const machine = await boot(withAgent(stage, { 'interruption-grace-period': scaled(20) }))
  await event('job-started')
  await machine.exec('systemctl', 'poweroff', '--no-block')
  expect((await end(machine)).reason).toBe('job-finished')
  expect(hub.job(job)).toMatchObject({ result: 'passed' })
})

scenario(
  'SIGTERM before registration ends the machine as interrupted',
  async stage => {
    const { boot, end, expect } = stage
    const machine = await boot()
    await machine.console.line(/phase=agent-refused/)
    await machine.exec('systemctl', 'stop', '--no-block', 'agentctl-agent.service')
    expect(await end(machine)).toMatchObject({
      reason: 'interrupted',
      detail: 'asked to stop before it had registered',
    })
  },
  { hub: { knobs: { organizationCeiling: 0 } } },
)

scenario("a job's daemon does not keep the machine", async ({ hub, boot, end, expect }) => {
  hub.queue({ commands: ['setsid sleep 1000 >/dev/null 2>&1 &', 'true'] })
  expect((await end(await boot())).reason).toBe('job-finished')
})
