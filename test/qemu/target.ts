import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResourceRef } from '@agentctl/contract'
import { type ConformanceTarget, sampleLaunchId } from '@agentctl/contract/testing'
import qemu from '@agentctl/provider-qemu'
import { afterAll } from 'vitest'
import { clock, eventually, processesWith, qemuOf, qmpCommand, silentLog, tinySpec } from './support.ts'

/** The provider on a state folder of its own; out of band it is the folder, the process table and QEMU itself. */
export function qemuTarget(): ConformanceTarget {
  const root = mkdtempSync(join(tmpdir(), 'agentctl-qemu-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const fault = join(root, '.fault')
  const env = { PATH: faultyPath(root, fault), AGENTCTL_QEMU_DIR: root }
  const settings = { acceleration: 'tcg' }
  return {
    name: 'qemu, software emulation',
    open: owner => qemu.open({ owner, settings, clock, random: { next: Math.random }, log: silentLog, env }),
    spec: tinySpec({ image: blankImage(root), 'stop-grace': '200ms', net: { restrict: true } }),
    clock,
    launchesForPaging: 2,
    goneWithinMs: 40_000,
    caseTimeoutMs: 120_000,
    outOfBand: {
      left: async owner => [...foldersOf(join(root, owner)), ...processesOf(join(root, owner))],
      createForeign: async () => createForeign(root),
      exists: async ({ id }) => existsSync(folderOf(root, 'somebody-else', id)),
      userDataOf: ({ id }) => userDataOf(id),
      powerOff: async ({ id }) => {
        const unit = await eventually(`the folder of ${id}`, () => unitOf(root, id))
        const said = () => readFileSync(join(unit, 'console.log'), 'latin1')
        await eventually(`${id} up`, () => said().includes('tiny: up'))
        await eventually(`${id} off`, async () => {
          if (processesWith(`AGENTCTL_INSTANCE=${id}\0`).length === 0) return true
          // The button is pressed again: a guest that does not listen yet, and a busy monitor, lose it.
          await qmpCommand(unit, 'system_powerdown').catch(() => undefined)
          await sleep(200)
          return false
        })
      },
    },
    faults: {
      failNextLaunch: () => writeFileSync(fault, 'fail'),
      hangNextLaunch: () => writeFileSync(fault, 'hang'),
      unmapState: async ({ id }) => {
        const unit = await eventually(`the folder of ${id}`, () => unitOf(root, id))
        const file = join(unit, 'machine.json')
        await eventually(`${id} running`, () => existsSync(file))
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), status: 'colo' }))
      },
    },
  }
}

/** A PATH whose `qemu-img` fails or hangs once when it is told to, as on a full or a dead disk. */
function faultyPath(root: string, fault: string): string {
  const bin = join(root, '.bin')
  mkdirSync(bin)
  const real = execFileSync('sh', ['-c', 'command -v qemu-img'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh
[ -e '${fault}' ] || exec ${real} "$@"
what=$(cat '${fault}'); rm '${fault}'
[ "$what" = fail ] || exec sleep 600
echo half >'${root}/.half'; echo 'qemu-img: overlay: No space left on device' >&2; exit 1
`
  writeFileSync(join(bin, 'qemu-img'), script)
  chmodSync(join(bin, 'qemu-img'), 0o755)
  return `${bin}:${process.env.PATH}`
}

function blankImage(root: string): string {
  const path = join(root, '.blank.img')
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', path, '8M'])
  return path
}

function unitOf(root: string, id: string): string | undefined {
  return readdirSync(root)
    .map(owner => folderOf(root, owner, id))
    .find(existsSync)
}

function folderOf(root: string, owner: string, id: string): string {
  return join(root, owner, 'launches', ...id.split('.'))
}

/** Tombstones are not listed: they are names, and go by themselves. */
function foldersOf(folder: string): string[] {
  return ['launches', 'staging'].flatMap(name => {
    const path = join(folder, name)
    return existsSync(path) ? readdirSync(path).map(entry => `${name} ${entry}`) : []
  })
}

function processesOf(folder: string): string[] {
  return processesWith(`AGENTCTL_RUN=${folder}/`).map(pid => `process ${pid}`)
}

/** A unit folder of a launch that no owner of the kit made. */
function createForeign(root: string): ResourceRef {
  const id = `${sampleLaunchId('foreign')}.0`
  const folder = folderOf(root, 'somebody-else', id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '..', 'launch.json'), '{}')
  return { kind: 'instance', id, scope: { account: 'here', region: 'local' } }
}

/** What QEMU shows its guest: the disk that has no name any more, read through QEMU's own descriptor. */
async function userDataOf(id: string): Promise<Uint8Array> {
  const pid = await eventually(`QEMU of ${id}`, () => qemuOf(id))
  const seed = await eventually(`seed of ${id}`, () => {
    const fds = `/proc/${pid}/fd`
    return readdirSync(fds)
      .map(fd => join(fds, fd))
      .find(fd => existsSync(fd) && readlinkSync(fd).includes('seed.iso'))
  })
  return fileIn(readFileSync(seed), 'USER-DATA.;1')
}

/** A file of an ISO 9660 image's root folder, found by its directory record. */
export function fileIn(image: Buffer, name: string): Uint8Array {
  const record = image.indexOf(name, 2048 * 16) - 33
  const [sector, size] = [image.readUInt32LE(record + 2), image.readUInt32LE(record + 10)]
  return image.subarray(sector * 2048, sector * 2048 + size)
}
