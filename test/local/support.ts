import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, Instance, LaunchRequest, Log, Provider, ProviderDeps } from '@agentctl/contract'
import { isInstance } from '@agentctl/contract'
import local from '@agentctl/provider-local'
import { onTestFinished } from 'vitest'

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
  /** Until nothing of it is left. */
  end(instance: Instance): Promise<void>
}

export interface BenchOptions {
  readonly settings?: unknown
  readonly root?: string
}

/** A provider with a state folder of its own; after the test, all that it started is ended. */
export async function bench({ settings = {}, root = scratch() }: BenchOptions = {}): Promise<Bench> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, AGENTCTL_LOCAL_DIR: root }
  const deps: ProviderDeps = {
    owner: 'acme-ci',
    settings,
    clock,
    random: { next: Math.random },
    log: silentLog,
    env,
  }
  const open = (change: Partial<ProviderDeps> = {}) => local.open({ ...deps, ...change })
  const provider = await open()
  const list = async () => {
    const [scope] = provider.scopes([provider.parseSpec({})])
    if (!scope) throw new Error('no scope')
    const all = await Array.fromAsync(provider.list(scope, {}, call()))
    return all.filter(isInstance)
  }
  const reach = (launchId: string, state: Instance['state']) =>
    eventually(`${launchId} ${state}`, async () => {
      const found = (await list()).find(instance => instance.ownership.launchId === launchId)
      return found?.state === state ? found : undefined
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
  return { provider, root, folder: join(root, 'acme-ci'), open, list, reach, end }
}

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'agentctl-local-'))
}

/** Waits for the condition, not for time to pass. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const until = Date.now() + 20_000
  while (Date.now() < until) {
    const found = await look()
    if (found) return found
    await sleep(20)
  }
  throw new Error(`never came: ${what}`)
}

export function launchId(): string {
  const digits = createHash('sha256').update(randomUUID()).digest()
  return `l${[...digits.subarray(0, 25)].map(byte => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('')}`
}

export interface RequestOptions {
  readonly id?: string
  readonly digest?: string
  readonly spec?: unknown
  readonly count?: number
  readonly afterMs?: number
}

export async function request(
  provider: Provider,
  script: string,
  options: RequestOptions = {},
): Promise<LaunchRequest> {
  const { id = launchId(), spec = {}, count = 1, afterMs = 120_000 } = options
  const resolved = await provider.resolve(provider.parseSpec(spec), call())
  const [offering] = resolved.offerings
  if (!offering) throw new Error('no offering')
  const userData = Buffer.from(`#!/usr/bin/env bash\n${script}\n`)
  return {
    launchId: id,
    digest: options.digest ?? createHash('sha256').update(userData).digest('hex'),
    pool: 'here',
    agentType: 's1-local',
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

/** Pids of the processes whose environment holds the mark, or any of `texts`. */
export function processesWith(text: string, file: 'environ' | 'cmdline' = 'environ'): number[] {
  return readdirSync('/proc').flatMap(name => {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) return []
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(text) ? [pid] : []
    } catch {
      return []
    }
  })
}

/** Every file below the folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}
