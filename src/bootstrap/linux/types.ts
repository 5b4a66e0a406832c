import type { Cloud, Unit } from '@agentctl/contract'
import type { AgentBasis } from '../../agent/index.ts'

/** A file that a guest fetches; verified before it is used. */
export interface Download {
  /** https, or http with the digest as the only proof. Credentials in it are not shown on the console. */
  readonly url: string
  /** Of the file as it is served, 64 hex digits. */
  readonly sha256: string
}

/** By the guest's own architecture; a guest whose one is missing ends its boot and says so. */
export interface Downloads {
  readonly x86_64?: Download
  readonly arm64?: Download
}

/** Which of the launch's units a guest is. `ec2-launch-index`: asked of the metadata service (IMDSv2). */
export type Identity =
  | { readonly kind: 'fixed'; readonly index: number }
  | { readonly kind: 'ec2-launch-index' }

/**
 * `inline`: in the user data. `presigned`: the object behind this signed URL holds the bare token, so that user data
 * does not; the guest fetches it once, before the agent starts.
 */
export type TokenDelivery = { readonly kind: 'inline' } | { readonly kind: 'presigned'; readonly url: string }

export interface GuestAgent {
  /** Where the image has it. */
  readonly path: string
  /** What `agent version` has to print, such as `v2.4.0`; any version when left out. */
  readonly version?: string
  /** Where the image has none, or another version: the release's tar.gz, or the bare binary. */
  readonly download?: Downloads
}

export interface GuestFile {
  /** Absolute. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Octal, such as `0644`. */
  readonly mode: string
  /** `root` unless given. */
  readonly owner?: string
}

export interface GuestProxy {
  /** Such as `http://egress.internal:3128`. */
  readonly url: string
  /** Hosts reached without it; the machine itself and the metadata service always are. */
  readonly except: readonly string[]
}

/** Everything that decides a Linux guest's user data; equal input makes equal text. */
export interface LinuxBootstrap {
  /** The same for every unit; names, job ids and the hooks are added in the guest. */
  readonly basis: Omit<AgentBasis, 'name' | 'jobId' | 'shutdownHookPath'>
  readonly units: readonly Unit[]
  readonly identity: Identity
  readonly agent: GuestAgent
  /** Login name that runs the agent and its jobs, made where the image has none; never root. */
  readonly user: string
  /** From power-on. Whole seconds are used, rounded up. */
  readonly timeouts: { readonly bootMs: number; readonly agentMs: number; readonly totalMs: number }
  /** What a stopping agent gets on top of its grace period; default 90 s. */
  readonly stopSlackMs?: number
  readonly metadata: 'guarded' | 'open'
  /** Whose metadata service the guard closes and the spot watcher asks. */
  readonly cloud?: Cloud
  readonly token?: TokenDelivery
  readonly toolbox?: Downloads
  /** Watches for the notice of `cloud` that it takes the machine back; default every 5 s. */
  readonly spotNotice?: { readonly everyMs?: number }
  /** Keeps a machine whose boot, agent or job failed for this long, never past `totalMs`. */
  readonly hold?: { readonly forMs: number }
  /** The user's own hook, a path in the guest, and how long it may take; default 60 s. */
  readonly shutdownHook?: { readonly path: string; readonly timeoutMs?: number }
  /** Role credentials of an EC2 instance profile for jobs, by `credential_process`, although metadata is closed. */
  readonly roleCredentials?: { readonly profile: string; readonly region: string }
  /** Installed by apt or dnf; nothing is unless asked for. */
  readonly packages?: readonly string[]
  /** Docker for the agent's user, installed where it is missing. Whoever has it is root. */
  readonly docker?: boolean
  /** Lets jobs become root without a password. */
  readonly sudo?: boolean
  readonly proxy?: GuestProxy
  /** Certificates in PEM that guest, agent and jobs trust besides the image's own. */
  readonly ca?: string
  /** Lines of a known_hosts file; the pinned keys of `known-hosts.ts` unless given. */
  readonly knownHosts?: readonly string[]
  readonly files?: readonly GuestFile[]
  /** Scripts for bash, run as root: after files, proxy and certificates, and right before the agent. */
  readonly before?: string
  readonly after?: string
  /** Default 5 attempts, each pause longer by 2 s. */
  readonly downloads?: { readonly attempts: number; readonly pauseMs: number }
}
