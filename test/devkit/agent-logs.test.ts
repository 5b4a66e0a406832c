import { chmodSync } from 'node:fs'
import { expect, test } from 'vitest'
import { call, openHub, read, startAgent, tempFolder, write } from './support.ts'

const oneJob = { 'disconnect-after-job': true }
const talking = { commands: ['echo one', 'echo two'] }

test('the log arrives whole, as events', async () => {
  const hub = await openHub({ jobs: [talking] })
  await startAgent(hub, { settings: oneJob }).ended
  const [id = ''] = hub.jobs().map(job => job.id)
  const raw = await call(hub, 'GET', `/dev/jobs/${id}/log?raw=1`)
  const events = raw.text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(events.at(0)).toMatchObject({ event: 'job_started', timestamp: expect.any(Number) })
  expect(events.at(-1)).toMatchObject({ event: 'job_finished', result: 'passed' })
  const one = events.findIndex(({ event, directive }) => event === 'cmd_started' && directive === 'echo one')
  expect(events.slice(one + 1, one + 3)).toMatchObject([
    { event: 'cmd_output', output: 'one\n' },
    { event: 'cmd_finished', directive: 'echo one', exit_code: 0 },
  ])
})

test('a token that has run out is refreshed', async () => {
  const hub = await openHub({ jobs: [talking], knobs: { logs401: 1 } })
  const agent = startAgent(hub, { settings: oneJob })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain('Successfully refreshed token for current job logs.')
  expect(hub.events().map(({ event }) => event)).toContain('token-refreshed')
  expect(hub.log(hub.jobs()[0]?.id ?? '')).toContain('two\n')
})

test('a push that fails is repeated', async () => {
  const hub = await openHub({ jobs: [talking], knobs: { logs500: 3 } })
  expect(await startAgent(hub, { settings: oneJob }).ended).toBe(0)
  expect(hub.log(hub.jobs()[0]?.id ?? '')).toContain('two\n')
})

test('no room left: the pushing ends, the job passes, and the log is uploaded if wanted', async () => {
  const hub = await openHub({
    jobs: [{ ...talking, env: { SEMAPHORE_ARTIFACT_TOKEN: 'artifact-token' } }],
    knobs: { logs422: true },
  })
  const folder = tempFolder()
  const program = write(
    folder,
    'artifact',
    '#!/bin/bash\necho "$@ $SEMAPHORE_ARTIFACT_TOKEN $SEMAPHORE_JOB_ID" > "$HOME/uploaded"; cat "$3" >> "$HOME/uploaded"\n',
  )
  chmodSync(program, 0o755)
  const agent = startAgent(hub, {
    folder,
    settings: { ...oneJob, 'upload-job-logs': 'when-trimmed' },
    env: { PATH: `${folder}:${process.env.PATH}` },
  })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain('no more space available for logs - stopping')
  expect(hub.jobs()[0]?.result).toBe('passed')
  const uploaded = read(folder, 'uploaded')
  expect(uploaded).toMatch(/^push job \S+ -d agent\/job_logs\.txt artifact-token [0-9a-f-]{36}\n/)
  expect(uploaded).toContain('echo two\ntwo\n')
})

test('what is missing for an upload is only logged', async () => {
  const hub = await openHub({ jobs: [talking] })
  const agent = startAgent(hub, { settings: { ...oneJob, 'upload-job-logs': 'always' } })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain(
    'Error uploading job logs as artifact - no SEMAPHORE_ARTIFACT_TOKEN available',
  )
})

test('a hub that never takes the log is given up after a minute, and told the result', async () => {
  const hub = await openHub({ jobs: [talking], knobs: { logs500: 1_000_000 } })
  const agent = startAgent(hub, { settings: oneJob, timeScale: 0.005 })
  expect(await agent.ended).toBe(0)
  expect(agent.output()).toContain('- giving up')
  expect(hub.jobs()[0]?.result).toBe('passed')
})
