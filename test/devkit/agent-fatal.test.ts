import { execFileSync } from 'node:child_process'
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openHub, read, runAgent, startAgent, tempFolder, write } from './support.ts'

const good = { endpoint: '127.0.0.1:1', token: 'secret', 'no-https': true }
const settingsTable: [settings: Record<string, unknown>, message: string][] = [
  [{ ...good, nmae: 'x' }, "Unrecognized option 'nmae'. Exiting..."],
  [{ ...good, 'expose-kvm-device': false }, "Unrecognized option 'expose-kvm-device'. Exiting..."],
  [{ ...good, files: { a: 'b' } }, "Unrecognized option 'files.a'. Exiting..."],
  [{ ...good, 'job-id': 'j' }, 'job-id can only be used if disconnect-after-job is also used. Exiting...'],
  [
    { ...good, 'upload-job-logs': 'sometimes' },
    "Unsupported value 'sometimes' for 'upload-job-logs'. Allowed values are: [never always when-trimmed]. Exiting...",
  ],
  [{ token: 'secret' }, 'Semaphore endpoint was not specified. Exiting...'],
  [{ endpoint: '127.0.0.1:1' }, 'Agent registration token was not specified. Exiting...'],
  [{ ...good, 'disconnect-after-idle-timeout': -1 }, "Idle timeout can't be negative. Exiting..."],
  [
    { ...good, 'kubernetes-pod-start-timeout': -1 },
    "Kubernetes pod start timeout can't be negative. Exiting...",
  ],
  [{ ...good, 'env-vars': ['A=b='] }, 'Error parsing --env-vars: A=b= is not a valid environment variable'],
  [{ ...good, files: ['a'] }, 'Error parsing --files: a is not a valid file injection'],
  [{ ...good, 'kubernetes-labels': ['a'] }, 'Error parsing --kubernetes-labels: a is not a valid label'],
  [
    { ...good, name: 'short' },
    "Agent name validation failed: name should have between 8 and 80 characters. 'short' has 5",
  ],
  [
    { ...good, 'name-from-env': 'NOT_SET' },
    "Agent name validation failed: name should have between 8 and 80 characters. '' has 0",
  ],
  [
    { ...good, 'kubernetes-allowed-images': ['('] },
    "Error creating image validator: invalid regular expression '('",
  ],
]

test.each(settingsTable)('%j ends with 1', async (settings, message) => {
  const agent = startAgent(undefined, { settings })
  expect(await agent.ended).toBe(1)
  expect(agent.output().trim().split(' : ')[1]).toBe(message)
  expect(agent.output()).not.toContain('secret')
})

const usageTable: [args: string[], message: string][] = [
  [['--config', 'x.yml'], 'unknown flag: --config'],
  [['-c'], "unknown shorthand flag: 'c' in -c"],
  [['--endpoint'], 'flag needs an argument: --endpoint'],
  [
    ['--disconnect-after-idle-timeout', '5m'],
    'invalid argument "5m" for "--disconnect-after-idle-timeout" flag: strconv.ParseInt: parsing "5m": invalid syntax',
  ],
  [
    ['--no-https=maybe'],
    'invalid argument "maybe" for "--no-https" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
]

test.each(usageTable)('%j ends with 2 and the usage', async (args, message) => {
  const agent = runAgent(['start', ...args])
  expect(await agent.ended).toBe(2)
  expect(agent.output()).toContain(`${message}\nUsage of agent:`)
})

test.each([
  ['missing.yml', undefined, 'open PATH: no such file or directory'],
  ['bad.yml', 'endpoint: [', 'While parsing config: yaml: '],
  ['config', 'endpoint: x', 'Unsupported Config Type ""'],
  ['config.conf', 'endpoint: x', 'Unsupported Config Type "conf"'],
  ['list.yml', '- a', 'While parsing config: yaml: unmarshal errors'],
])('a config file %s that cannot be read ends with 1', async (name, text, why) => {
  const folder = tempFolder()
  const path = text === undefined ? join(folder, name) : write(folder, name, text)
  const agent = runAgent(['start', '--config-file', path], { folder })
  expect(await agent.ended).toBe(1)
  expect(agent.output()).toContain(`Error reading config file ${path}: ${why.replace('PATH', path)}`)
})

test('the config file may be a FIFO, which is read once', async () => {
  const hub = await openHub()
  const folder = tempFolder()
  const path = join(folder, 'config.yml')
  execFileSync('mkfifo', ['-m', '600', path])
  const agent = runAgent(['start', '--config-file', path], { folder })
  createWriteStream(path).end(
    `endpoint: ${hub.endpoint}\ntoken: ${hub.token}\nno-https: true\ndisconnect-after-idle-timeout: 1\n`,
  )
  expect(await agent.ended).toBe(0)
  expect(hub.events().map(({ event }) => event)).toContain('registered')
})

test('other subcommands, and the log', async () => {
  const version = runAgent(['version'])
  expect(await version.ended).toBe(0)
  expect(version.output()).toMatch(/^v2\.4\.0\+agentctl\n$/)
  const unknown = runAgent(['dance'])
  expect([await unknown.ended, unknown.output()]).toEqual([0, ''])

  const folder = tempFolder()
  const level = runAgent(['start'], { folder, env: { SEMAPHORE_AGENT_LOG_LEVEL: 'loud' } })
  expect(await level.ended).toBe(1)
  expect(level.output()).toContain('Log level loud not supported')
  expect(read(folder, 'agent.log')).toBe(level.output())
  expect(level.output()).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3} : /)

  const standard = runAgent(['start'], { folder, env: { SEMAPHORE_AGENT_LOG_FILE_PATH: '' } })
  await standard.ended
  expect(existsSync(join(folder, 'agent_log'))).toBe(true)
})
