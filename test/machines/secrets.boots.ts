import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sha256 } from './packing.ts'
import { type Stage, scenario } from './scenario.ts'

const thief = readFileSync(fileURLToPath(new URL('./thief.py', import.meta.url)), 'utf8')

/** Runs the thief in a job, and answers with what it says of each place. */
async function steal(stage: Stage, how: { sudo?: boolean } = {}): Promise<Record<string, string>> {
  const { hub, boot, end, expect } = stage
  const files = [{ path: '/opt/thief.py', content: thief, mode: '0644' }]
  const prefix = how.sudo ? 'sudo ' : ''
  const [job = ''] = hub.queue({ commands: [`${prefix}python3 /opt/thief.py ${sha256(hub.token)}`] })
  const ended = await end(await boot({ files, sudo: how.sudo ?? false }))
  expect(ended.reason).toBe('job-finished')
  expect(hub.job(job)).toMatchObject({ result: 'passed' })
  const said = hub.log(job).matchAll(/^thief: (\S+): (.*)$/gm)
  return Object.fromEntries(Array.from(said, ([, place = '', verdict = '']) => [place, verdict]))
}

scenario('a job without root finds the token nowhere', async stage => {
  const said = await steal(stage)
  stage.expect(said).toEqual({
    files: 'nothing',
    environments: 'nothing',
    'command-lines': 'nothing',
    memory: 'nothing',
    ptrace: 'refused',
    'open-files': 'nothing',
    journal: 'nothing',
    'cloud-init': 'nothing',
    'kernel-log': 'nothing',
  })
})

scenario('a job with root finds it: the thief knows its trade', async stage => {
  const said = await steal(stage, { sudo: true })
  stage.expect(said.memory).toMatch(/^found in process /)
})

scenario('a daemon of the job that waits for the configuration gets nothing', async stage => {
  const { hub, boot, end, expect } = stage
  // Whoever could read the FIFO of a later run would have the token: there is none once a job runs.
  const [job = ''] = hub.queue({
    commands: ['ls -la /run/agentctl /run/agentctl/private; cat /run/agentctl/config.yml', 'true'],
  })
  const ended = await end(await boot())
  expect(ended.reason).toBe('job-finished')
  expect(hub.log(job)).not.toContain(' config.yml')
  expect(hub.log(job)).toContain('Permission denied')
  expect(hub.log(job)).toContain('config.yml: No such file')
})
