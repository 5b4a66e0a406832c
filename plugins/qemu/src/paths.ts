import { join } from 'node:path'

/** Where everything lies under the state folder. Pure; the tree is drawn in the README. */

const launchIdPattern = /^[a-z][a-z2-7]{25}$/
const instanceIdPattern = /^([a-z][a-z2-7]{25})\.(0|[1-9]\d{0,3})$/

export interface InstanceName {
  readonly launchId: string
  readonly index: number
}

export function isLaunchId(text: string): boolean {
  return launchIdPattern.test(text)
}

export function instanceId({ launchId, index }: InstanceName): string {
  return `${launchId}.${index}`
}

/** Undefined for anything that is no id of ours, a path that climbs out of the state folder among them. */
export function parseInstanceId(id: string): InstanceName | undefined {
  const [, launchId, index] = instanceIdPattern.exec(id) ?? []
  if (launchId === undefined || index === undefined) return undefined
  return { launchId, index: Number(index) }
}

/** Which accelerator works here, of one boot of this host. No owner has this name, as owners have no dot. */
export function accelFile(root: string): string {
  return join(root, 'accel.json')
}

export interface OwnerPaths {
  readonly folder: string
  /** Launches that are complete. */
  readonly launches: string
  /** Launches in the making: `<launch id>.<milliseconds since the epoch>.<chance>`. */
  readonly staging: string
  /** Tombstones: `<day since the epoch>/<launch id>`. */
  readonly spent: string
}

export function ownerPaths(root: string, owner: string): OwnerPaths {
  const folder = join(root, owner)
  return {
    folder,
    launches: join(folder, 'launches'),
    staging: join(folder, 'staging'),
    spent: join(folder, 'spent'),
  }
}

export interface UnitPaths {
  readonly folder: string
  readonly launchFile: string
  /** What the guest wrote; the base image below it is never changed. Absent without an image. */
  readonly overlay: string
  /** The disk with the user data; gone as soon as QEMU has opened it. */
  readonly seed: string
  readonly console: string
  /** What the console said before it was last cut. */
  readonly consoleBefore: string
  /** A second control socket, for people; the guest host has one without a name. */
  readonly qmp: string
  /** Who runs the unit: made once, by a link, so that only one ever does. */
  readonly host: string
  readonly machine: string
  readonly marks: string
  /** Empty; its modification time says when a stop was asked for, 0 when never. Needs no free space to change. */
  readonly stop: string
  readonly ended: string
  /** Room for `ended`, taken in advance, so that a full disk cannot hide how an instance ended. */
  readonly endedRoom: string
}

/** Names of the files that QEMU is told of: it runs in the unit's folder, so that its arguments stay short. */
export const unitFiles = { overlay: 'overlay.qcow2', seed: 'seed.iso', qmp: 'qmp.sock' } as const

export function unitPaths(launchFolder: string, index: number): UnitPaths {
  const folder = join(launchFolder, String(index))
  return {
    folder,
    launchFile: join(launchFolder, 'launch.json'),
    overlay: join(folder, unitFiles.overlay),
    seed: join(folder, unitFiles.seed),
    console: join(folder, 'console.log'),
    consoleBefore: join(folder, 'console.1.log'),
    qmp: join(folder, unitFiles.qmp),
    host: join(folder, 'host.json'),
    machine: join(folder, 'machine.json'),
    marks: join(folder, 'marks.json'),
    stop: join(folder, 'stop'),
    ended: join(folder, 'ended.json'),
    endedRoom: join(folder, 'ended.room'),
  }
}
