import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { must, run } from './commands.ts'
import type { Engine } from './engine.ts'

const program = fileURLToPath(new URL('./metadata.mjs', import.meta.url))

/** Answers of a metadata service by path; what is not there is a 404. */
export type Answers = Readonly<Record<string, Answer>>
export type Answer = string | { readonly base64: string }

export interface MetadataService {
  /** Docker's `--network` for a machine that this service belongs to. */
  readonly network: string
  /** A process in that network, for `nsenter`. */
  readonly pid: string
  /** `METHOD path` of each request so far. */
  requests(): Promise<readonly string[]>
  answer(path: string, body: Answer): Promise<void>
  close(): Promise<void>
}

/** The metadata service's, and that of Azure's host. */
const addresses = ['169.254.169.254', '168.63.129.16']

/**
 * A metadata service at 169.254.169.254 in a network namespace of its own, one hop from the machine's: packets leave
 * the machine by a real interface, and those of its containers pass its FORWARD chain. Nothing of this host has the
 * address.
 */
export async function startMetadata(engine: Engine, answers: Answers): Promise<MetadataService> {
  const env = { DOCKER_HOST: engine.host }
  const id = randomBytes(3).toString('hex')
  const holder = (network: string) =>
    must(
      'docker',
      [
        ...['run', '--detach', '--network', network, '--sysctl', 'net.ipv4.ip_forward=1'],
        ...['--entrypoint', '/bin/sleep', engine.image, 'infinity'],
      ],
      { env },
    )
  const [machine, cloud] = [await holder('bridge'), await holder('none')]
  const pidOf = async (container: string) =>
    must('docker', ['inspect', '--format', '{{.State.Pid}}', container], { env })
  const [machinePid, cloudPid] = [await pidOf(machine), await pidOf(cloud)]
  const inside = (pid: string, ...command: string[]) =>
    must('nsenter', ['--target', pid, '--net', ...command])
  const [near, far] = [`acm${id}a`, `acm${id}b`]
  await must('ip', [
    'link',
    'add',
    near,
    'netns',
    machinePid,
    'type',
    'veth',
    'peer',
    'name',
    far,
    'netns',
    cloudPid,
  ])
  await inside(machinePid, 'ip', 'address', 'add', '198.18.0.1/24', 'dev', near)
  await inside(machinePid, 'ip', 'link', 'set', near, 'up')
  for (const address of addresses)
    await inside(machinePid, 'ip', 'route', 'add', address, 'via', '198.18.0.2')
  await inside(cloudPid, 'ip', 'address', 'add', '198.18.0.2/24', 'dev', far)
  for (const address of addresses) await inside(cloudPid, 'ip', 'address', 'add', `${address}/32`, 'dev', far)
  await inside(cloudPid, 'ip', 'link', 'set', far, 'up')
  await inside(cloudPid, 'ip', 'route', 'add', 'default', 'via', '198.18.0.1')
  const server = serve(cloudPid, answers)
  await server.ready
  return {
    network: `container:${machine}`,
    pid: machinePid,
    requests: server.requests,
    answer: server.answer,
    close: async () => {
      server.stop()
      await run('docker', ['rm', '-f', machine, cloud], { env })
    },
  }
}

function serve(pid: string, answers: Answers) {
  const child = spawn('nsenter', ['--target', pid, '--net', process.execPath, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let wake: () => void = () => undefined
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    wake()
  })
  const tell = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`)
  /** Everything before the echo of a message has been read when the echo is. */
  const echoed = async (message: object, echo: string) => {
    tell(message)
    while (!lines.includes(echo)) await new Promise<void>(resolve => (wake = resolve))
  }
  let count = 0
  tell({ answers })
  return {
    ready: echoed({ echo: 'ready' }, 'ready'),
    requests: async () => {
      const echo = `echo ${++count}`
      await echoed({ echo }, echo)
      return lines.filter(line => line.includes(' /'))
    },
    answer: async (path: string, body: Answer) => {
      const echo = `echo ${++count}`
      tell({ answers: { [path]: body } })
      await echoed({ echo }, echo)
    },
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}
