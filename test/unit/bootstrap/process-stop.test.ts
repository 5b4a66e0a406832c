import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { processUserData } from '../../../src/bootstrap/process/bootstrap.ts'
import { until } from '../../support/cli.ts'

/** A `process` guest whose agent, and mkfifo, are the given scripts; `$HERE` is its folder. */
function boot(agent: string, mkfifo = '') {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-supervisor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const script = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
    return join(folder, name)
  }
  script('mkfifo', `${mkfifo}\nPATH=\${PATH#*:} exec mkfifo "$@"`)
  const data = processUserData({
    basis: { endpoint: 'hub.example', noHttps: true, token: 'a-token', idleMs: 60_000, agent: {} },
    units: [{ index: 0, name: 'o-l1-0', attempt: 1, jobId: '00000000-0000-4000-8000-000000000001' }],
    agentCommand: [script('agent', agent)],
    agentTimeoutMs: 30_000,
  })
  writeFileSync(join(folder, 'user-data'), data)
  const child = spawn('bash', [join(folder, 'user-data')], {
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HERE: folder,
      HOME: folder,
      AGENTCTL_RUN: folder,
      AGENTCTL_UNIT_INDEX: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  // Its timers outlive it; on a machine they end with it.
  onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'))
  let console = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    console += text
  })
  return {
    console: () => console,
    ended: new Promise<void>(resolve => child.on('exit', () => resolve())),
    stop: () => child.kill('SIGTERM'),
    has: (name: string) => existsSync(join(folder, name)),
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
  }
}

/** As quick as agents are. */
const takesAJob = 'sleep 0.5; echo "Starting to poll for jobs"; touch "$HERE/job"; sleep 20'

it('a guest that is asked to stop before its agent runs takes no job', async () => {
  const guest = boot(takesAJob, 'touch "$HERE/making"; sleep 0.3')
  await until('it makes ready', () => guest.has('making'))
  guest.stop()
  await guest.ended
  expect(guest.console()).toContain('end reason=interrupted asked to stop before it had registered')
  expect(guest.has('job')).toBe(false)
})

it('a guest that is asked to stop between two registrations does not register again', async () => {
  const guest = boot('echo run >>"$HERE/runs"; echo "failed to register agent: job not available"; exit 1')
  await until('it was refused', () => guest.console().includes('phase=agent-refused'))
  guest.stop()
  await guest.ended
  expect(guest.console()).toContain('end reason=interrupted asked to stop before it had registered')
  expect(guest.read('runs')).toBe('run\n')
})
