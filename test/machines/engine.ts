import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
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
  const daemon = await startDaemon({ state, data, bridge, host, address })
  const env = { DOCKER_HOST: host }
  const left = await must('docker', ['ps', '-aq'], { env })
  if (left !== '') await run('docker', ['rm', '-f', ...left.split('\n')], { env })
  const image = await importImage(host)
  return {
    host,
    image,
    address,
    stop: async () => {
      // The bridge goes while the lock is still held, so that it is never the next run's.
      await run('ip', ['link', 'delete', bridge])
      daemon.kill('SIGTERM')
      if (daemon.exitCode === null) await new Promise(resolve => daemon.once('exit', resolve))
      rmSync(logOf(state), { force: true })
    },
  }
}

interface Places {
  readonly state: string
  readonly data: string
  readonly bridge: string
  readonly host: string
  readonly address: string
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

/** A run's own: two may wait for one lock. */
function logOf(state: string): string {
  return join(state, `log-${process.pid}`)
}

/** How long another run may hold the engine. Unit: seconds. */
const lockSeconds = 900

/**
 * Without an address of its own a bridge takes the lowest of its ports', which come and go: guests would talk to
 * nobody until they ask for it again.
 */
const withBridge = `ip link add "$1" type bridge 2>/dev/null
ip address replace "$2/24" dev "$1" && ip link set "$1" address 02:61:63:6d:00:01 up || exit 1
shift 2
exec dockerd "$@"`

/**
 * `flock` becomes `dockerd` when it has the lock, so the process that writes its pid file is ours; another run's
 * engine answers on the same socket until then.
 */
async function startDaemon(places: Places): Promise<ChildProcess> {
  const { state, data, bridge, host, address } = places
  const lock = join(data, 'lock')
  const isFree = (await run('flock', ['--nonblock', lock, 'true'])).code === 0
  if (!isFree) process.stderr.write('another run has the engine; waiting for it\n')
  const log = logOf(state)
  const out = openSync(log, 'w')
  const held = ['--no-fork', '--timeout', String(lockSeconds), lock, 'sh', '-c', withBridge, 'sh']
  // It ends with this process, however that ends: an engine that is left would hold the lock for ever.
  const daemon = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', 'flock', ...held, bridge, address, ...daemonFlags(places)],
    {
      stdio: ['ignore', out, out],
    },
  )
  closeSync(out)
  const deadline = Date.now() + (isFree ? 0 : lockSeconds * 1000) + 120_000
  while (!(await isReady(daemon, state, host))) {
    if (daemon.exitCode !== null) {
      const tail = readFileSync(log, 'utf8').split('\n').slice(-8).join('\n')
      throw new Error(`dockerd ended with ${daemon.exitCode}\n${tail}`)
    }
    if (Date.now() > deadline) throw new Error(`dockerd does not answer on ${host}; see ${log}`)
    await sleep(200)
  }
  return daemon
}

async function isReady(daemon: ChildProcess, state: string, host: string): Promise<boolean> {
  if (readText(join(state, 'pid')) !== String(daemon.pid)) return false
  return (await run('docker', ['version'], { env: { DOCKER_HOST: host } })).code === 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
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
