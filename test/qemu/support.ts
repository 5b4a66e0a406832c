import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Call, Instance, LaunchRequest, Log, Provider, ProviderDeps } from '@agentctl/contract'
import { isInstance } from '@agentctl/contract'
import qemu from '@agentctl/provider-qemu'
import { onTestFinished } from 'vitest'

const { env } = process
const programs = ['qemu-system-x86_64', 'qemu-img', 'busybox']

/** What this machine lacks for real guests; in CI nothing may be lacking, so there it is not asked. */
export const lacking = env.CI ? [] : programs.filter(name => !isInPath(name))
export const canBoot = lacking.length === 0
export const bootTitle = canBoot
  ? 'real guests'
  : `real guests (needs ${lacking.join(', ')}: see test/qemu/setup.sh)`

function isInPath(name: string): boolean {
  return (env.PATH ?? '').split(':').some(folder => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

let built: string | undefined
/** The folder of the tiny guest, built at the first call. */
function tiny(): string {
  const script = fileURLToPath(new URL('./guest.sh', import.meta.url))
  built ??= execFileSync('sh', [script], { encoding: 'utf8' }).trim()
  return built
}

export interface TinyOptions {
  /** Words for the tiny guest: `tiny.deaf` ignores the power button. */
  readonly words?: string
  readonly [key: string]: unknown
}

/** A spec of the tiny guest. On a busy host an emulated timer may come late, for which Linux panics unless told not to. */
export function tinySpec({ words = '', ...change }: TinyOptions = {}): Record<string, unknown> {
  return {
    kernel: join(tiny(), 'vmlinuz'),
    initrd: join(tiny(), 'initrd'),
    append: `console=ttyS0 quiet panic=-1 mitigations=off no5lvl nokaslr no_timer_check ${words}`,
    arch: 'x86_64',
    cpus: 1,
    'memory-mb': 96,
    'stop-grace': '2s',
    ...change,
  }
}

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

export const clock: ProviderDeps['clock'] = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
}

export function call(signal = AbortSignal.timeout(60_000)): Call {
  return { signal, deadlineMs: Date.now() + 60_000, log: silentLog }
}

export interface Bench {
  readonly provider: Provider
  readonly root: string
  readonly folder: string
  open(change?: Partial<ProviderDeps>): Promise<Provider>
  list(): Promise<Instance[]>
  /** The one instance of the launch, once it is in that state. */
  reach(launchId: string, state: Instance['state']): Promise<Instance>
  /** Once the console says so. */
  says(instance: Instance, text: string): Promise<string>
  /** Until nothing of it is left. */
  end(instance: Instance): Promise<void>
}

/** A provider with a state folder of its own; after the test, all that it started is ended. */
export async function bench(settings: unknown = { acceleration: 'tcg' }): Promise<Bench> {
  const root = scratch()
  const deps: ProviderDeps = {
    owner: 'acme-ci',
    settings,
    clock,
    random: { next: Math.random },
    log: silentLog,
    env: { PATH: env.PATH, HOME: env.HOME, AGENTCTL_QEMU_DIR: root },
  }
  const open = (change: Partial<ProviderDeps> = {}) => qemu.open({ ...deps, ...change })
  const provider = await open()
  const list = async () => {
    const [scope] = provider.scopes([provider.parseSpec({ kernel: '/vmlinuz' })])
    if (!scope) throw new Error('no scope')
    const all = await Array.fromAsync(provider.list(scope, {}, call()))
    return all.filter(isInstance)
  }
  const reach = (launchId: string, state: Instance['state']) =>
    eventually(`${launchId} ${state}`, async () => {
      const found = (await list()).find(instance => instance.ownership.launchId === launchId)
      return found?.state === state ? found : undefined
    })
  const says = (instance: Instance, text: string) =>
    eventually(`${instance.id} says ${text}`, async () => {
      const tail = (await provider.consoleTail?.(instance, call())) ?? ''
      return tail.includes(text) && tail
    })
  const end = async (instance: Instance) => {
    await eventually(
      `${instance.id} gone`,
      async () => (await provider.terminate(instance, call())) === 'gone',
    )
  }
  onTestFinished(async () => {
    for (const instance of await list()) await end(instance)
    rmSync(root, { recursive: true, force: true })
  })
  return { provider, root, folder: join(root, 'acme-ci'), open, list, reach, says, end }
}

function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'agentctl-qemu-'))
}

/** Waits for the condition, not for time to pass. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const until = Date.now() + 60_000
  while (Date.now() < until) {
    const found = await look()
    if (found) return found
    await sleep(50)
  }
  throw new Error(`never came: ${what}`)
}

export function launchId(): string {
  const digits = createHash('sha256').update(randomUUID()).digest()
  return `l${[...digits.subarray(0, 25)].map(byte => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('')}`
}

export interface RequestOptions {
  readonly id?: string
  readonly spec?: unknown
  readonly count?: number
  readonly afterMs?: number
}

export async function request(
  provider: Provider,
  script: string,
  { id = launchId(), spec = tinySpec(), count = 1, afterMs = 120_000 }: RequestOptions = {},
): Promise<LaunchRequest> {
  const resolved = await provider.resolve(provider.parseSpec(spec), call())
  const [offering] = resolved.offerings
  if (!offering) throw new Error('no offering')
  const userData = Buffer.from(`#!/bin/sh\n${script}\n`)
  return {
    launchId: id,
    digest: createHash('sha256').update(userData).digest('hex'),
    pool: 'here',
    agentType: 's1-qemu',
    offering,
    resolved,
    units: Array.from({ length: count }, (_, index) => ({
      index,
      name: `agent-of-${id}-${index}`,
      attempt: 1,
    })),
    userData,
    expiry: { afterMs },
  }
}

/** Pids of the processes whose environment or arguments hold the text. */
export function processesWith(text: string, file: 'environ' | 'cmdline' = 'environ'): number[] {
  return readdirSync('/proc').flatMap(name => {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) return []
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text) ? [pid] : []
    } catch {
      return []
    }
  })
}

/** The QEMU process of an instance. */
export function qemuOf(id: string): number | undefined {
  const marked = processesWith(`AGENTCTL_INSTANCE=${id}\0`)
  return processesWith('qemu-system-', 'cmdline').find(pid => marked.includes(pid))
}

/** The guest host of an instance. */
export function hostOf(id: string): number | undefined {
  const marked = processesWith(`AGENTCTL_INSTANCE=${id}\0`)
  return processesWith('guest/main.js', 'cmdline').find(pid => marked.includes(pid))
}

/** Speaks to QEMU at the unit's control socket for people, past the provider. */
export function qmpCommand(unitFolder: string, command: string): Promise<void> {
  const socket = connect(join(unitFolder, 'qmp.sock'))
  const lines = ['qmp_capabilities', command].map(execute => `${JSON.stringify({ execute })}\n`)
  return new Promise((resolve, reject) => {
    let said = ''
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.on('data', bytes => {
      said += String(bytes)
      if (said.split('"return"').length > 2) socket.destroy()
    })
    socket.write(lines.join(''))
  })
}

/** Every file below the folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}
