import type { LaunchRequest } from '@agentctl/contract'
import { entryScript, runFolder, runTmpfs } from './guest/entry.ts'
import { linuxEntryScript, linuxHostConfig, linuxStopSignal } from './guest/linux.ts'
import { containerName, labelsFor } from './labels.ts'
import { type DockerSpec, toBytes, toMs } from './spec.ts'

interface BindMount {
  readonly Type: 'bind'
  readonly Source: string
  readonly Target: string
  readonly ReadOnly: boolean
}

/** The body of `POST /containers/create`, as far as it is used. */
export interface ContainerBody {
  readonly Image: string
  readonly Hostname: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Env: readonly string[]
  readonly Tty: boolean
  readonly User?: string
  readonly WorkingDir?: string
  readonly StopSignal: string
  /** Unit: seconds. */
  readonly StopTimeout: number
  readonly HostConfig: {
    readonly Init?: boolean
    readonly CapAdd?: readonly string[]
    readonly CapDrop?: readonly string[]
    readonly SecurityOpt?: readonly string[]
    readonly Tmpfs?: Readonly<Record<string, string>>
    readonly CgroupnsMode?: string
    readonly Binds?: readonly string[]
    readonly Mounts?: readonly BindMount[]
    readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> }
    readonly NetworkMode?: string
    readonly ExtraHosts?: readonly string[]
    readonly NanoCpus?: number
    readonly Memory?: number
    readonly MemorySwap?: number
    readonly PidsLimit?: number
    readonly Runtime?: string
  }
}

/** The guest's own end comes first; the engine's is for a guest that does not obey. Unit: seconds. */
const beyondGraceSeconds = 2

export function stopGraceSeconds(spec: DockerSpec): number {
  return Math.ceil(toMs(spec['stop-grace']) / 1000)
}

/** How the container of one unit is made: from the request alone, with no secret in it. Pure. */
export function containerBody(
  owner: string,
  request: LaunchRequest,
  spec: DockerSpec,
  unitIndex: number,
): ContainerBody {
  const grace = stopGraceSeconds(spec)
  const isLinux = spec.guest === 'linux'
  const env = { ...spec.env, AGENTCTL_UNIT_INDEX: String(unitIndex), ...(isLinux ? linuxEnv : processEnv) }
  return {
    Image: spec.image,
    Hostname: containerName(request.launchId, unitIndex),
    Labels: labelsFor(owner, request, unitIndex),
    Entrypoint: isLinux
      ? ['/bin/sh', '-c', linuxEntryScript, 'agentctl', String(grace)]
      : ['bash', '-c', entryScript, 'agentctl', String(grace)],
    Cmd: [],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    // The terminal of a system container is its /dev/console.
    Tty: isLinux,
    ...(isLinux ? { User: '0' } : spec.user !== undefined && { User: spec.user }),
    StopSignal: isLinux ? linuxStopSignal : 'SIGTERM',
    StopTimeout: grace + beyondGraceSeconds,
    HostConfig: {
      ...(isLinux ? linuxHostConfig : processHostConfig(spec)),
      ...limits(spec),
      Mounts: spec.mounts.map(mount => ({
        Type: 'bind',
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount['read-only'],
      })),
      // A log that is always readable, whatever the engine's default, and bounded.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '4m', 'max-file': '2' } },
      ExtraHosts: spec['extra-hosts'],
      ...(spec.network !== undefined && { NetworkMode: spec.network }),
      ...(spec.runtime !== undefined && { Runtime: spec.runtime }),
    },
  }
}

const processEnv = { AGENTCTL_RUN: runFolder } as const
const linuxEnv = { container: 'docker' } as const

function processHostConfig(spec: DockerSpec): ContainerBody['HostConfig'] {
  const isLocked = spec['no-new-privileges'] ?? true
  return {
    // It reaps what jobs leave, and passes signals on to a shell that does not catch them yet.
    Init: true,
    CapDrop: spec['cap-drop'] ?? ['ALL'],
    CapAdd: spec['cap-add'],
    SecurityOpt: isLocked ? ['no-new-privileges'] : [],
    Tmpfs: { [runTmpfs]: 'rw,exec,nosuid,nodev,size=128m,mode=1777' },
  }
}

function limits({ cpus, memory, 'pids-limit': pids }: DockerSpec): ContainerBody['HostConfig'] {
  return {
    PidsLimit: pids,
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    // The same for memory and swap together means no swap.
    ...(memory !== undefined && { Memory: toBytes(memory), MemorySwap: toBytes(memory) }),
  }
}
