import { randomBytes } from 'node:crypto'
import { type ExpectStatic, inject, it } from 'vitest'
import type { Hub, HubOptions } from '../../plugins/devkit/src/index.ts'
import { startHub } from '../../plugins/devkit/src/index.ts'
import { type LinuxBootstrap, linuxUserData } from '../../src/bootstrap/linux/index.ts'
import { type GuestConsole, tail } from './console.ts'
import type { Engine } from './engine.ts'
import { type FileServer, serveFiles } from './files.ts'
import { guestAgent } from './guest.ts'
import { bootMachine, type Machine, type MachineOptions } from './machine.ts'

const engine = inject('engine')

export interface Stage {
  readonly engine: Engine
  readonly hub: Hub
  readonly files: FileServer
  /** Whether the hub knows the agent of the stage's machine under it. */
  readonly agentName: string
  readonly expect: ExpectStatic
  bootstrap(change?: Partial<LinuxBootstrap>): LinuxBootstrap
  boot(change?: Partial<LinuxBootstrap>, options?: Omit<MachineOptions, 'userData'>): Promise<Machine>
  /** Awaits the power-off and answers with what the console said; the token was not among it. */
  end(machine: Machine, withinMs: number): Promise<Ended>
  later(undo: () => Promise<void> | void): void
}

export interface Ended {
  readonly reason: string
  readonly detail: string
  readonly marks: Readonly<Record<string, number>>
  readonly text: string
  readonly ms: number
}

/** One boot or more of a machine, with a hub of its own. Skipped by name where nothing can boot. */
export function scenario(name: string, play: (stage: Stage) => Promise<void>, hub: HubOptions = {}): void {
  it(name, { concurrent: true, skip: engine === null }, async ({ expect, onTestFinished, onTestFailed }) => {
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
    end: async (machine, withinMs) => {
      const ms = await machine.poweredOff(withinMs)
      const text = machine.console.text()
      expect(text).not.toContain(hub.token)
      const { marks, end } = machine.console.report()
      return { reason: end?.reason ?? 'nothing was said', detail: end?.detail ?? '', marks, text, ms }
    },
    later: step => {
      undo.push(step)
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
    timeouts: { bootMs: 60_000, agentMs: 30_000, totalMs: 150_000 },
    stopSlackMs: 15_000,
    metadata: 'guarded',
    downloads: { attempts: 2, pauseMs: 100 },
  }
}

/** Settings of the agent on top of a stage's own. */
export function withAgent(stage: Stage, agent: LinuxBootstrap['basis']['agent']): Partial<LinuxBootstrap> {
  return { basis: { ...stage.bootstrap().basis, agent } }
}
