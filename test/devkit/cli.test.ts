import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { agentProgram, read, tempFolder, write } from './support.ts'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

interface Run {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  stdout(): string
  stderr(): string
  firstLine(): Promise<string>
}

function agentctl(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  return {
    process: child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    firstLine: () =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')))
        }
        child.stdout.on('data', look)
        void ended.then(code => reject(new Error(`ended with ${code}: ${stderr}`)))
        look()
      }),
  }
}

test('serves until a signal, and says where', async () => {
  const folder = tempFolder()
  const jobs = write(folder, 'jobs.yml', '- name: mine\n  commands: [echo hi]\n')
  const run = agentctl([
    'dev',
    'hub',
    '--json',
    '--jobs',
    jobs,
    '--demo',
    '2',
    '--events',
    `${folder}/events.jsonl`,
  ])
  const { endpoint, token, apiToken, agentType, jobs: ids } = JSON.parse(await run.firstLine())
  expect(agentType).toBe('s1-local')
  expect(ids).toHaveLength(3)
  const get = (path: string, asked: string) =>
    fetch(`http://${endpoint}${path}`, { headers: { authorization: `Token ${asked}` } })
  const listed = await (await get('/api/v1/self_hosted_agents/jobs', token)).json()
  expect(listed).toEqual({ jobs: [expect.anything(), expect.anything(), expect.anything()] })
  expect((await get('/api/v1alpha/agents', apiToken)).status).toBe(200)
  run.process.kill('SIGTERM')
  expect(await run.ended).toBe(0)
  expect(
    read(folder, 'events.jsonl')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).event),
  ).toContain('hub-started')
})

test('around a command: environment, summary, exit code', async () => {
  const folder = tempFolder()
  const script = `"$NODE" "$AGENT" start --disconnect-after-idle-timeout 1 > /dev/null; echo "type $AGENTCTL_AGENT_TYPE api \${#SEMAPHORE_API_TOKEN}"; exit 7`
  const env = {
    NODE: process.execPath,
    AGENT: agentProgram,
    SEMAPHORE_AGENT_LOG_FILE_PATH: `${folder}/agent.log`,
    HOME: folder,
  }
  const flags = ['--demo', '1', '--sync-ms', '20', '--token', 'given', '--agent-type', 's1-mine']
  const run = agentctl(['dev', 'hub', ...flags, '--', 'bash', '-c', script], env)
  expect(await run.ended).toBe(7)
  expect(run.stdout()).toMatch(
    /^hub 127\.0\.0\.1:\d+ {2}type s1-mine {2}jobs 1 {2}token given {2}api-token [0-9a-f]{80}\n/,
  )
  expect(run.stdout()).toContain('type s1-mine api 80\n')
  expect(run.stdout()).toMatch(/\nJOB +NAME +RESULT +AGENT +RUNS\n[0-9a-f-]{36} +demo 1 +passed +\S+ +1\n$/)
})

test('around a command: signals are passed on, and its death by one is told', async () => {
  const run = agentctl([
    'dev',
    'hub',
    '--json',
    '--',
    'bash',
    '-c',
    'trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done',
  ])
  await run.firstLine()
  await new Promise<void>(resolve => {
    const look = () => run.stdout().includes('ready') && resolve()
    run.process.stdout?.on('data', look)
    look()
  })
  run.process.kill('SIGTERM')
  expect(await run.ended).toBe(9)
  const killed = agentctl(['dev', 'hub', '--', 'bash', '-c', 'kill -KILL $$'])
  expect(await killed.ended).toBe(137)
})

test('`agentctl` after the dashes is this very program', async () => {
  const run = agentctl(['dev', 'hub', '--', 'agentctl', '--version'], { PATH: '/nowhere' })
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toMatch(/\n@agentctl\/cli\/\d+\.\d+\.\d+ /)
})

test.each([
  [['--jobs', 'JOBS'], 'jobs.yml:1:13: 0.commands: at least one command'],
  [['--jobs', '/nowhere/jobs.yml'], 'cannot read the jobs file'],
  [['--agent-type', 'linux'], 'linux is no agent type'],
  [['--', '/nowhere/program'], 'cannot run /nowhere/program'],
])('%j ends with 2 and the reason', async (args, message) => {
  const jobs = write(tempFolder(), 'jobs.yml', '- commands: []\n')
  const run = agentctl(['dev', 'hub', ...args.map(arg => (arg === 'JOBS' ? jobs : arg))])
  expect(await run.ended).toBe(2)
  expect(run.stderr()).toContain(message)
})

test('the agent as a command has the same messages and exit codes', async () => {
  const folder = tempFolder()
  const env = { SEMAPHORE_AGENT_LOG_FILE_PATH: `${folder}/agent.log` }
  const bare = agentctl(['dev', 'agent', 'start'], env)
  expect(await bare.ended).toBe(1)
  expect(bare.stdout()).toContain('Semaphore endpoint was not specified. Exiting...')
  const unknown = agentctl(['dev', 'agent', 'start', '--bogus'], env)
  expect(await unknown.ended).toBe(2)
  expect(unknown.stderr()).toContain('unknown flag: --bogus\nUsage of agent:')
})
