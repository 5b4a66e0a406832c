import { randomUUID } from 'node:crypto'
import type { Instance, Log, Provider, ProviderDeps } from '@agentctl/contract'
import { isInstance } from '@agentctl/contract'
import docker from '@agentctl/provider-docker'
import type { TestContext } from 'vitest'
import { call, clock, eventually, request, silentLog } from '../local/support.ts'
import { ask, image, type TestEngine } from './engine.ts'

export interface Bench {
  readonly owner: string
  readonly provider: Provider
  open(change?: Partial<ProviderDeps>): Promise<Provider>
  /** Launches one unit with this script. */
  launch(script: string, options?: LaunchOptions): Promise<Instance>
  list(): Promise<Instance[]>
  /** The instance, once it is in that state. */
  reach(id: string, state: Instance['state']): Promise<Instance>
  console(instance: Instance): Promise<string>
  /** The console, once it says that. */
  says(instance: Instance, text: string | RegExp): Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  inspect(instance: Pick<Instance, 'id'>): Promise<any>
}

export interface LaunchOptions {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly afterMs?: number
}

/** What a test's containers have in common: no network is needed, and none of an engine without a bridge. */
export const plainSpec = { image, network: 'none', 'stop-grace': '1s' } as const

/** A provider with an owner of its own; after the test, all that it started is ended. */
export async function bench(
  engine: TestEngine,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<Bench> {
  const owner = `d-${randomUUID().slice(0, 8)}`
  const deps: ProviderDeps = {
    owner,
    settings: { host: `unix://${engine.socket}` },
    clock,
    random: { next: Math.random },
    log: silentLog,
    env: {},
  }
  const open = (change: Partial<ProviderDeps> = {}) => docker.open({ ...deps, ...change })
  const provider = await open()
  const list = async () => {
    const [scope] = provider.scopes([provider.parseSpec(plainSpec)])
    if (!scope) throw new Error('no scope')
    return (await Array.fromAsync(provider.list(scope, {}, call()))).filter(isInstance)
  }
  const console = (instance: Instance) => provider.consoleTail?.(instance, call()) ?? Promise.resolve('')
  onTestFinished(async () => {
    for (const { id } of await list()) await ask(engine, 'DELETE', `/containers/${id}?force=1&v=1`)
    await provider.close()
  })
  return {
    owner,
    provider,
    open,
    list,
    console,
    launch: async (script, { spec = {}, afterMs = 120_000 } = {}) => {
      const wanted = await request(provider, script, { spec: { ...plainSpec, ...spec }, afterMs })
      const { instances } = await provider.launch(wanted, call())
      const [instance] = instances
      if (!instance) throw new Error('nothing was launched')
      return instance
    },
    reach: (id, state) =>
      eventually(`${id} ${state}`, async () => {
        const found = (await list()).find(instance => instance.id === id)
        return found?.state === state ? found : undefined
      }),
    says: (instance, text) =>
      eventually(`${instance.id} says ${text}`, async () => {
        const said = await console(instance)
        const isThere = typeof text === 'string' ? said.includes(text) : text.test(said)
        return isThere ? said : undefined
      }),
    inspect: async ({ id }) => (await ask(engine, 'GET', `/containers/${id}/json`)).json,
  }
}

/** A log that keeps what it was told. */
export function keepingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const keep = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, log: { debug: keep, info: keep, warn: keep } }
}
