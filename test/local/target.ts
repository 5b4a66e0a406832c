import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { ResourceRef } from '@agentctl/contract'
import { type ConformanceTarget, sampleLaunchId } from '@agentctl/contract/testing'
import local from '@agentctl/provider-local'
import { afterAll } from 'vitest'
import { clock, eventually, processesWith, silentLog } from './support.ts'

/** The provider on a state folder of its own; out of band it is the folder and the process table. */
export function localTarget(settings: unknown = {}): ConformanceTarget {
  const root = mkdtempSync(join(tmpdir(), 'agentctl-local-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const { PATH } = process.env
  const env = { PATH, AGENTCTL_LOCAL_DIR: root }
  return {
    name: `local ${JSON.stringify(settings)}`,
    open: owner => local.open({ owner, settings, clock, random: { next: Math.random }, log: silentLog, env }),
    spec: { env: { COLOUR: 'blue' }, 'stop-grace': '2s' },
    clock,
    runsUserData: true,
    goneWithinMs: 20_000,
    caseTimeoutMs: 60_000,
    outOfBand: {
      left: async owner => [...foldersOf(join(root, owner)), ...processesOf(join(root, owner))],
      createForeign: async () => createForeign(root),
      exists: async ({ id }) => existsSync(folderOf(root, 'somebody-else', id)),
      userDataOf: ref => userDataOf(ref),
      powerOff: async ref => {
        const script = await scriptOf(ref)
        // Asked again until it is off: bash can miss a signal that comes just as its `wait` begins.
        await eventually(`${ref.id} off`, () => {
          if (processesWith(`AGENTCTL_INSTANCE=${ref.id}\0`).length === 0) return true
          if (isScript(script)) process.kill(script, 'SIGTERM')
          return false
        })
      },
    },
  }
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

/** The pid of the bash that runs the user data, once it catches SIGTERM. */
function scriptOf({ id }: ResourceRef): Promise<number> {
  return eventually(`the script of ${id}`, () =>
    processesWith(`AGENTCTL_INSTANCE=${id}\0`).find(pid => isScript(pid) && hasTrap(pid)),
  )
}

/** Its subshells have the same command, but a script for a parent. */
function isScript(pid: number): boolean {
  const [, parent = '0'] = /PPid:\t(\d+)/.exec(procFile(pid, 'status')) ?? []
  return hasCommand(pid) && !hasCommand(Number(parent))
}

function hasCommand(pid: number): boolean {
  return procFile(pid, 'cmdline').startsWith('bash\0/dev/fd/3')
}

/** Empty for a process that has ended since it was found. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** Whether it catches SIGTERM already. */
function hasTrap(pid: number): boolean {
  const [, caught = '0'] = /SigCgt:\t(\w+)/.exec(procFile(pid, 'status')) ?? []
  return ((BigInt(`0x${caught}`) >> 14n) & 1n) === 1n
}

async function userDataOf(ref: ResourceRef): Promise<Uint8Array> {
  return readFileSync(`/proc/${await scriptOf(ref)}/fd/3`)
}
