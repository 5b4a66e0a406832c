import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, type Ran, run } from './commands.ts'
import { followConsole, type GuestConsole } from './console.ts'
import type { Engine } from './engine.ts'
import { guestMounts } from './guest.ts'

/**
 * What boots systemd and cloud-init in a container of an engine that has no CAP_SYS_RESOURCE. SYS_BOOT is for
 * `systemctl poweroff --force --force`, which ends the container's processes alone.
 */
const systemOptions = [
  ...['--tty', '--cap-add=SYS_ADMIN', '--cap-add=NET_ADMIN', '--cap-add=SYS_BOOT'],
  ...['--security-opt=seccomp=unconfined', '--security-opt=apparmor=unconfined'],
  ...['--tmpfs=/run', '--tmpfs=/run/lock', '--tmpfs=/tmp', '--cgroupns=host'],
  ...['--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw', '--env=container=docker', '--entrypoint=/sbin/init'],
]

export interface MachineOptions {
  /** On the seed; EC2's metadata service has its own. */
  readonly userData: Uint8Array
  /** Docker's `--volume` values besides the guest's own. */
  readonly mounts?: readonly string[]
  /** False: no agent at its place in the image. */
  readonly agent?: boolean
  /** Docker's `--network`; the engine's bridge unless given. */
  readonly network?: string
  /** Where cloud-init looks: for a seed on disk unless given, or for EC2's metadata service on that network. */
  readonly source?: 'ec2'
}

export interface Machine {
  readonly id: string
  readonly console: GuestConsole
  /** Milliseconds from `docker run` to power-off; rejects when that takes longer. */
  poweredOff(withinMs: number): Promise<number>
  /** Runs a command in the guest as root. */
  exec(...command: string[]): Promise<Ran>
  /** Starts the powered-off machine again. */
  startAgain(): Promise<Machine>
  disconnect(): Promise<void>
  remove(): Promise<void>
}

export async function bootMachine(engine: Engine, options: MachineOptions): Promise<Machine> {
  const name = `m-${randomBytes(6).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-seed-'))
  const mounts = [
    options.source === 'ec2' ? onEc2(folder) : seedOf(folder, name, options.userData),
    ...guestMounts({ agent: options.agent ?? true }),
    ...(options.mounts ?? []),
  ]
  const env = { DOCKER_HOST: engine.host }
  const startedAt = performance.now()
  await must(
    'docker',
    [
      ...['run', '--detach', '--name', name, ...systemOptions],
      ...(options.network === undefined ? ['--hostname', name] : ['--network', options.network]),
      ...mounts.flatMap(mount => ['--volume', mount]),
      engine.image,
    ],
    { env },
  )
  return machineOf(engine, name, startedAt, async () => {
    await run('docker', ['rm', '-f', '-v', name], { env })
    rmSync(folder, { recursive: true, force: true })
  })
}

function seedOf(folder: string, name: string, userData: Uint8Array): string {
  const seed = join(folder, 'seed')
  mkdirSync(seed)
  writeFileSync(join(seed, 'meta-data'), `instance-id: ${name}\nlocal-hostname: ${name}\n`)
  writeFileSync(join(seed, 'user-data'), userData)
  // As a cloud's own seed disk: root's alone.
  chmodSync(join(seed, 'user-data'), 0o600)
  return `${seed}:/var/lib/cloud/seed/nocloud:ro`
}

/** In a container SMBIOS does not say that this is EC2, so the source is told not to insist. */
function onEc2(folder: string): string {
  const file = join(folder, 'ec2.cfg')
  writeFileSync(file, 'datasource_list: [ Ec2 ]\ndatasource: { Ec2: { strict_id: false } }\n')
  return `${file}:/etc/cloud/cloud.cfg.d/99-source.cfg:ro`
}

function machineOf(engine: Engine, id: string, startedAt: number, remove: () => Promise<void>): Machine {
  const env = { DOCKER_HOST: engine.host }
  const console = followConsole(engine, id)
  const ended = run('docker', ['wait', id], { env }).then(() => performance.now() - startedAt)
  return {
    id,
    console,
    poweredOff: async withinMs => {
      const ms = await within(ended, withinMs - (performance.now() - startedAt), () => console.text())
      await console.closed
      return Math.round(ms)
    },
    exec: (...command) => run('docker', ['exec', id, ...command], { env }),
    startAgain: async () => {
      const again = performance.now()
      await must('docker', ['start', id], { env })
      return machineOf(engine, id, again, remove)
    },
    disconnect: async () => {
      await must('docker', ['network', 'disconnect', '--force', 'bridge', id], { env })
    },
    remove: async () => {
      console.close()
      await remove()
    },
  }
}

/** @throws Error with the console's text when it takes longer */
export async function within<T>(work: Promise<T>, limitMs: number, told: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not powered off within its deadline; its console:\n${told()}`)),
      Math.max(0, limitMs),
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
