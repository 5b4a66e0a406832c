import { randomBytes } from 'node:crypto'
import { type ExpectStatic, inject, it } from 'vitest'
import type { Hub, HubEvent, HubOptions } from '../../plugins/devkit/src/index.ts'
import { startHub } from '../../plugins/devkit/src/index.ts'
import { type LinuxBootstrap, linuxUserData } from '../../src/bootstrap/linux/index.ts'
import { type GuestConsole, tail } from './console.ts'
import type { Engine } from './engine.ts'
import { type FileServer, serveFiles } from './files.ts'
import { guestAgent } from './guest.ts'
import { bootMachine, type Machine, type MachineOptions } from './machine.ts'

const engine = inject('engine')
const slowness = inject('slowness')

/** Seconds that an idle machine needs, as many as this one may take. */
export function scaled(seconds: number): number {
  return Math.ceil(seconds * slowness)
}

export interface Stage {
  readonly engine: Engine
  readonly hub: Hub
  readonly files: FileServer
  /** Whether the hub knows the agent of the stage's machine under it. */
  readonly agentName: string
  readonly expect: ExpectStatic
  bootstrap(change?: Partial<LinuxBootstrap>): LinuxBootstrap
  boot(change?: Partial<LinuxBootstrap>, options?: Omit<MachineOptions, 'userData'>): Promise<Machine>
  /** Awaits the power-off and answers with what the console said; the token was not among it. The limit is {@link scaled}. */
  end(machine: Pick<Machine, 'console' | 'poweredOff'>, withinSeconds?: number): Promise<Ended>
  /** The hub's first event of this kind, past or to come. */
  event(kind: HubEvent['event']): Promise<HubEvent>
  later(undo: () => Promise<void> | void): void
  /** Shows this machine's console should the scenario fail, as {@link boot} does for its own. */
  watch(machine: Pick<Machine, 'console'>): void
}

export interface Ended {
  readonly reason: string
  readonly detail: string
  readonly marks: Readonly<Record<string, number>>
  readonly text: string
  readonly ms: number
}

export interface ScenarioOptions {
  readonly hub?: HubOptions
  /** What is missing for it here. */
  readonly missing?: string | undefined
}

/** One boot or more of a machine, with a hub of its own. Skipped by name where nothing can boot. */
export function scenario(
  title: string,
  play: (stage: Stage) => Promise<void>,
  { hub = {}, missing }: ScenarioOptions = {},
): void {
  const name = missing === undefined ? title : `${title} (${missing})`
  const skip = engine === null || missing !== undefined
  it(name, { concurrent: true, skip }, async ({ expect, onTestFinished, onTestFailed }) => {
    if (engine === null) return
    const undo: (() => Promise<void> | void)[] = []
    const consoles: GuestConsole[] = []
    onTestFailed(() => {
      for (const { text } of consoles) process.stderr.write(`\n=== ${name}\n${tail(text())}\n`)
    })
    onTestFinished(async () => {
      for (const step of undo.reverse()) await step()
    })
    await play(await setStage(engine, expect, { undo, consoles, options: hub }))
  })
}

interface Backstage {
  readonly undo: (() => Promise<void> | void)[]
  readonly consoles: GuestConsole[]
  readonly options: HubOptions
}

async function setStage(
  engine: Engine,
  expect: ExpectStatic,
  { undo, consoles, options }: Backstage,
): Promise<Stage> {
  const hub = await startHub({ host: engine.address, ...options, knobs: { syncMs: 100, ...options.knobs } })
  undo.push(() => hub.close())
  const files = await serveFiles(engine.address)
  undo.push(() => files.close())
  const agentName = `agentctl-${randomBytes(5).toString('hex')}`
  const bootstrap = (change: Partial<LinuxBootstrap> = {}) => ({
    ...basicBootstrap(hub, agentName),
    ...change,
  })
  return {
    engine,
    hub,
    files,
    agentName,
    expect,
    bootstrap,
    boot: async (change, machine) => {
      const made = await bootMachine(engine, { userData: linuxUserData(bootstrap(change)), ...machine })
      undo.push(() => made.remove())
      consoles.push(made.console)
      return made
    },
    end: async (machine, withinSeconds = 90) => {
      const ms = await machine.poweredOff(1000 * scaled(withinSeconds))
      const text = machine.console.text()
      expect(text).not.toContain(hub.token)
      const { marks, end } = machine.console.report()
      return { reason: end?.reason ?? 'nothing was said', detail: end?.detail ?? '', marks, text, ms }
    },
    event: kind => hub.until(({ event }) => event === kind, 1000 * scaled(90)),
    later: step => {
      undo.push(step)
    },
    watch: machine => {
      consoles.push(machine.console)
    },
  }
}

/** Short deadlines, though long enough for a boot on a busy machine. */
function basicBootstrap(hub: Hub, name: string): LinuxBootstrap {
  return {
    basis: { endpoint: hub.endpoint, noHttps: true, token: hub.token, idleMs: 60_000, agent: {} },
    units: [{ index: 0, name, attempt: 1 }],
    identity: { kind: 'fixed', index: 0 },
    agent: { path: guestAgent },
    user: 'semaphore',
    timeouts: timeouts({ boot: 40, agent: 30, total: 150 }),
    stopSlackMs: 1000 * scaled(stopSlack),
    metadata: 'guarded',
    downloads: { attempts: 2, pauseMs: 100 },
  }
}

/** What a stopping agent gets on top of its grace period here. Unit: seconds, not scaled. */
export const stopSlack = 15

/** Deadlines in seconds, {@link scaled}. */
export function timeouts({ boot = 40, agent = 30, total = 150 }): LinuxBootstrap['timeouts'] {
  return { bootMs: 1000 * scaled(boot), agentMs: 1000 * scaled(agent), totalMs: 1000 * scaled(total) }
}

/** Settings of the agent on top of a stage's own. */
export function withAgent(stage: Stage, agent: LinuxBootstrap['basis']['agent']): Partial<LinuxBootstrap> {
  return { basis: { ...stage.bootstrap().basis, agent } }
}
