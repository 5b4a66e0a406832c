import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { must, run } from './commands.ts'

export const cacheFolder =
  process.env.AGENTCTL_MACHINES_CACHE ?? join(homedir(), '.cache', 'agentctl-machines')
const imageScript = fileURLToPath(new URL('./image.sh', import.meta.url))

/** A Docker engine of our own; plain data, so that test workers can have it. */
export interface Engine {
  /** Value of DOCKER_HOST. */
  readonly host: string
  /** The guest image in it. */
  readonly image: string
  /** This host's address on the engine's bridge: the guests reach nothing else. */
  readonly address: string
}

export interface RunningEngine extends Engine {
  stop(): Promise<void>
}

export interface EngineOptions {
  /** Names socket, data and bridge; at most 8 letters. */
  readonly name: string
  /** First three numbers of the bridge's network, such as `10.213.7`. */
  readonly network: string
}

/** What is missing for an engine here, or undefined when all is there. */
export function whatIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'root'
  return ['dockerd', 'docker', 'debootstrap', 'ip', 'flock'].find(command => !isInstalled(command))
}

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some(folder => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Starts `dockerd` on a private socket, with the guest image imported. Its bridge has no way out: no forwarding, no
 * masquerading, and no rule of any firewall is touched. One engine of a name at a time, held by a lock.
 */
export async function startEngine({ name, network }: EngineOptions): Promise<RunningEngine> {
  const state = `/run/agentctl-${name}`
  const data = join(cacheFolder, `engine-${name}`)
  const bridge = `acm-${name}`
  const address = `${network}.1`
  const host = `unix://${state}/docker.sock`
  mkdirSync(state, { recursive: true })
  mkdirSync(data, { recursive: true })
  await must('nice', [imageScript])
  await run('ip', ['link', 'add', bridge, 'type', 'bridge'])
  await run('ip', ['address', 'replace', `${address}/24`, 'dev', bridge])
  // Without an address of its own a bridge takes the lowest of its ports', which come and go: guests would talk to
  // nobody until they ask for it again.
  await must('ip', ['link', 'set', bridge, 'address', '02:61:63:6d:00:01', 'up'])

  const log = openSync(join(state, 'log'), 'w')
  const lock = ['--no-fork', '--nonblock', join(data, 'lock'), 'dockerd']
  const daemon = spawn('flock', [...lock, ...daemonFlags({ state, data, bridge, host })], {
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  await untilReady(daemon, host, join(state, 'log'))
  const env = { DOCKER_HOST: host }
  const left = await must('docker', ['ps', '-aq'], { env })
  if (left !== '') await run('docker', ['rm', '-f', ...left.split('\n')], { env })
  const image = await importImage(host)
  return {
    host,
    image,
    address,
    stop: async () => {
      daemon.kill('SIGTERM')
      if (daemon.exitCode === null) await new Promise(resolve => daemon.once('exit', resolve))
      await run('ip', ['link', 'delete', bridge])
    },
  }
}

interface Places {
  readonly state: string
  readonly data: string
  readonly bridge: string
  readonly host: string
}

function daemonFlags({ state, data, bridge, host }: Places): string[] {
  return [
    ...['--host', host],
    ...['--data-root', data],
    ...['--exec-root', join(state, 'exec')],
    ...['--pidfile', join(state, 'pid')],
    ...['--bridge', bridge],
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
    '--userland-proxy=false',
  ]
}

async function untilReady(daemon: ChildProcess, host: string, log: string): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    if (daemon.exitCode !== null) {
      const tail = readFileSync(log, 'utf8').split('\n').slice(-8).join('\n')
      throw new Error(
        `dockerd ended with ${daemon.exitCode} (1: perhaps another run holds the engine)\n${tail}`,
      )
    }
    const { code } = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
      env: { DOCKER_HOST: host },
    })
    if (code === 0) return
    if (Date.now() > deadline) throw new Error(`dockerd does not answer on ${host}; see ${log}`)
    await sleep(200)
  }
}

/** The image's name holds what it was built from, so a changed image is imported anew. */
async function importImage(host: string): Promise<string> {
  const key = readFileSync(join(cacheFolder, 'image', 'key'), 'utf8').trim()
  const image = `agentctl-machine:${key.slice(0, 16)}`
  const env = { DOCKER_HOST: host }
  if ((await run('docker', ['image', 'inspect', image], { env })).code === 0) return image
  await must('sh', ['-c', `"${imageScript}" --tar | docker import - "${image}"`], { env })
  return image
}
