import type { Scope, Tags } from '@agentctl/contract'
import type { QemuSpec } from './spec.ts'

/** The shapes of the files in the state folder. All times are milliseconds since the epoch. */

/** `auto`: KVM where a probe guest runs under it, else software emulation. */
export const accelerations = ['auto', 'kvm', 'tcg'] as const
export type Acceleration = (typeof accelerations)[number]

/** `tcg` is QEMU's software emulation. */
export interface Accel {
  readonly name: 'kvm' | 'tcg'
  /** A sentence without its end: how this was found out. */
  readonly why: string
}

/** `accel.json`: what the probe guest said, per architecture; good for one boot of this host. */
export interface AccelRecord {
  readonly boot: string
  readonly byArch: Readonly<Record<string, Accel>>
}

/** `launch.json`: written once, before the launch can be seen. */
export interface LaunchRecord {
  readonly tags: Tags
  readonly scope: Scope
  readonly offeringId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly stopGraceMs: number
  readonly spec: QemuSpec
  readonly accel: Accel
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface Identity {
  readonly pid: number
  /** The kernel's start time of it. */
  readonly started: string
  /** Tells one boot of one machine from every other. */
  readonly boot: string
}

/** In the place of a guest host: nobody runs this unit, and nobody will. */
export const nobody: Identity = { pid: 0, started: '', boot: '' }

/** `machine.json`: the QEMU process, and its machine's status in QEMU's own word, such as `running`. */
export interface MachineRecord {
  readonly qemu: Identity
  readonly status: string
}

/** `marks.json`: what `mark` changed. */
export interface Marks {
  readonly expiresAt?: number
  readonly holdUntil?: number
}

/** Why an instance is off. */
export type EndReason =
  | 'powered-off'
  | 'rebooted'
  | 'asked'
  | 'expired'
  | 'panicked'
  | 'crashed'
  | 'not-started'
  | 'host-failed'

/** `ended.json`: the instance is off and no process of it is left. */
export interface EndedRecord {
  /** Of QEMU; as a shell counts: 128 and the signal's number where a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly reason: EndReason
  readonly at: number
}
