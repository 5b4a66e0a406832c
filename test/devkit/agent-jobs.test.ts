import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Hub, JobSpec } from '../../plugins/devkit/src/index.ts'
import { openHub, read, startAgent, type TestAgent, tempFolder, until, write } from './support.ts'

interface Ran {
  readonly hub: Hub
  readonly id: string
  readonly folder: string
  readonly agent: TestAgent
  readonly log: string
}

async function ran(
  spec: JobSpec,
  settings: Record<string, unknown> = {},
  {
    env = {},
    folder = tempFolder(),
    knobs = {},
  }: { env?: Record<string, string>; folder?: string; knobs?: object } = {},
): Promise<Ran> {
  const hub = await openHub({ knobs })
  const [id = ''] = hub.queue(spec)
  const agent = startAgent(hub, { folder, env, settings: { 'disconnect-after-job': true, ...settings } })
  expect(await agent.ended).toBe(0)
  return { hub, id, folder, agent, log: hub.log(id) }
}

test('a login shell in the home directory keeps what a command sets', async () => {
  const folder = tempFolder()
  write(folder, '.bash_profile', 'export FROM_PROFILE=yes\n')
  const { log } = await ran(
    {
      commands: [
        'pwd; shopt -q login_shell && echo login',
        'export A=1; cd /',
        'echo "$A $PWD $FROM_PROFILE"',
      ],
    },
    {},
    { folder },
  )
  expect(log).toContain(`${folder}\nlogin\n`)
  expect(log).toContain('1 / yes\n')
})

test('variables: the job, the agent settings over it, and what the agent was started with', async () => {
  const { log, hub, id } = await ran(
    { commands: ['echo "$A|$B|$OUTER|$SEMAPHORE_JOB_ID"'], env: { A: `it's "a"\n$HOME`, B: 'job' } },
    { 'env-vars': ['B=agent'] },
    { env: { OUTER: 'outer' } },
  )
  expect(log).toContain(`it's "a"\n$HOME|agent|outer|${id}\n`)
  expect(log).not.toContain(hub.token)
})

test('the token is in no environment or argument of the job', async () => {
  const { log, hub } = await ran({
    commands: ['env; tr "\\0" " " < /proc/$PPID/cmdline; tr "\\0" " " < /proc/$PPID/environ'],
  })
  expect(log).toContain('--config-file')
  expect(log).not.toContain(hub.token)
})

test('files are written before the commands', async () => {
  const { log, folder } = await ran({
    commands: ['stat -c %a ~/in/a.txt; cat in/a.txt'],
    files: [{ path: 'in/a.txt', content: 'inside\n', mode: '0600' }],
  })
  expect(log).toContain('600\ninside\n')
  expect(read(folder, 'in/a.txt')).toBe('inside\n')
})

test.each([
  ['passed', ['true'], ['always passed', 'on pass']],
  ['failed', ['false', 'echo not reached'], ['always failed', 'on fail']],
])('epilogues of a %s job', async (result, commands, expected) => {
  const { hub, id, log } = await ran({
    commands,
    epilogue_always: ['echo "always $SEMAPHORE_JOB_RESULT"'],
    epilogue_on_pass: ['echo "on pass"'],
    epilogue_on_fail: ['echo "on fail"'],
  })
  expect(hub.job(id)?.result).toBe(result)
  const printed = log.split('\n').filter(line => line.startsWith('always') || line.startsWith('on '))
  expect(printed).toEqual(expected)
  expect(log).not.toContain('$ echo not reached')
})

test.each([
  ['export SEMAPHORE_JOB_RESULT=passed; return 130', 'passed'],
  ['export SEMAPHORE_JOB_RESULT=failed; return 130', 'failed'],
  ['return 130', 'stopped'],
  ['exit 0', 'failed'], // the shell is gone, and that counts as 1
  ['set -e; false', 'failed'],
  ['kill -9 $$', 'failed'],
  ['(exit 7)', 'failed'],
])('%s: %s', async (command, result) => {
  const { hub, id, log } = await ran({
    commands: ['echo before', command],
    epilogue_always: ['echo epilogue'],
  })
  expect(hub.job(id)?.result).toBe(result)
  expect(log).toContain('before\n')
  if (command.includes('130')) expect(log).not.toContain('$ echo epilogue')
})

test('hooks around the job', async () => {
  const folder = tempFolder()
  const settings = {
    'pre-job-hook-path': write(folder, 'pre.sh', 'echo "pre $A"; export FROM_HOOK=1\n'),
    'post-job-hook-path': write(folder, 'post.sh', 'echo "post $SEMAPHORE_JOB_RESULT"; exit 3\n'),
  }
  const spec = { commands: ['echo "hook=$FROM_HOOK"'], env: { A: 'a' }, epilogue_always: ['echo epilogue'] }
  const plain = await ran(spec, settings, { folder })
  const order = ['pre a', 'hook=\n', 'epilogue\n', 'post passed'].map(text => plain.log.indexOf(text))
  expect(order).toEqual(order.toSorted((left, right) => left - right))
  expect(order).not.toContain(-1)
  expect(plain.hub.job(plain.id)?.result).toBe('passed')
  expect(plain.agent.output()).toContain('Error executing post-job hook - hook return exit code 3')

  const sourced = await ran(spec, { ...settings, 'source-pre-job-hook': true }, { folder })
  expect(sourced.log).toContain('hook=1\n')
})

test('a failing pre-job hook is fatal for the job only if asked', async () => {
  const folder = tempFolder()
  const settings = { 'pre-job-hook-path': write(folder, 'pre.sh', 'exit 1\n') }
  const lenient = await ran({ commands: ['echo ran'] }, settings, { folder })
  expect(lenient.hub.job(lenient.id)?.result).toBe('passed')
  const strict = await ran(
    { commands: ['echo ran'] },
    { ...settings, 'fail-on-pre-job-hook-error': true },
    { folder },
  )
  expect(strict.hub.job(strict.id)?.result).toBe('failed')
  expect(strict.log).not.toContain('$ echo ran')
})

test.each([
  ['dockercompose', { executor: 'dockercompose' } as const, {}],
  ['kubernetes', {}, { 'kubernetes-executor': true }],
])('%s jobs are refused with the reason in their log', async (_name, extra, settings) => {
  const { hub, id, log } = await ran({ commands: ['true'], ...extra }, settings)
  expect(hub.job(id)?.result).toBe('failed')
  expect(log).toContain('the stand-in agent runs shell jobs only')
})

test('a stop ends the whole process group, first kindly', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const [id = ''] = hub.queue({
    commands: [
      `bash -c 'trap "echo term > ~/got" TERM; touch ~/ready; : ${folder}; while :; do sleep 0.05; done'`,
    ],
  })
  const agent = startAgent(hub, { folder, settings: { 'disconnect-after-job': true }, timeScale: 0.1 })
  await until(() => hub.job(id)?.runs === 1 && exists(folder, 'ready'), 'the job runs')
  hub.stop(id)
  expect(await agent.ended).toBe(0)
  expect(hub.job(id)?.result).toBe('stopped')
  await until(() => exists(folder, 'got'), 'SIGTERM arrived')
  // It caught the SIGTERM and went on: the agent does not leave before it is gone.
  expect(spawnSync('pgrep', ['-f', folder]).stdout.toString()).toBe('')
})

test('a job has a session of its own, and what it leaves in the background goes on', async () => {
  const { folder, log } = await ran({
    commands: ['(sleep 0.5; echo alive > ~/daemon) &', 'echo "$(ps -o sid= -p $$)/$(ps -o sid= -p $PPID)"'],
  })
  const [, own, parent] = /^ *(\d+)\/ *(\d+)$/m.exec(log) ?? []
  expect(own).toBeDefined()
  expect(own).not.toBe(parent)
  await until(() => exists(folder, 'daemon') && read(folder, 'daemon') === 'alive\n', 'the daemon wrote')
})

test('odd output: no newline at the end, markers, UTF-8, a lot', async () => {
  const { log, hub, id } = await ran({
    commands: [
      'printf "no newline"',
      'printf "\\001949 \\001"',
      'echo "Ωμέγα 🚀"',
      'seq 1 20000 | tail -n 3',
      'cat; echo no input',
    ],
  })
  expect(hub.job(id)?.result).toBe('passed')
  expect(log).toContain('no newline$ ')
  expect(log).toContain('Ωμέγα 🚀\n')
  expect(log).toContain('19998\n19999\n20000\n')
  expect(log).toContain('no input\n')
})

function exists(folder: string, name: string): boolean {
  try {
    read(folder, name)
    return true
  } catch {
    return false
  }
}
