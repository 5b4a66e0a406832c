import type { Clock, Ownership, Unit } from '@agentctl/contract'
import type { Dice, Range } from './random.ts'

/** A simulated machine as its guest sees it, from its boot to its power-off. */
export interface Machine {
  readonly id: string
  readonly ownership: Ownership
  /** The unit of its index; left out where the tags name none. */
  readonly unit?: Unit
  readonly userData: Uint8Array
  /** Its sleeps reject once the machine has stopped. */
  readonly clock: Clock
  /** Aborted when the machine stops, however that comes. */
  readonly signal: AbortSignal
  print(line: string): void
  powerOff(): void
}

/** What a guest does. When it ends, well or not, the machine powers off, as the agent's unit makes real ones do. */
export type GuestScript = (machine: Machine) => Promise<void>

/** The other side of a simulated agent. */
export interface GuestHub {
  /** An agent comes online; gives how long its job takes, or undefined when it is refused. */
  register(machine: Machine): { readonly jobMs: number } | undefined
  /** The agent has disconnected after its job. */
  finished?(machine: Machine): void
}

/**
 * A guest with an agent: sets its timers, registers after `agentMs`, runs its job, and ends. A refused agent tries again
 * until `patienceMs` are over. It ends at its expiry in any case.
 */
export function agentGuest(
  hub: GuestHub,
  {
    agentMs,
    retryMs = 30_000,
    patienceMs = 300_000,
    dice,
  }: {
    readonly agentMs: Range
    readonly retryMs?: number
    readonly patienceMs?: number
    readonly dice: Dice
  },
): GuestScript {
  return async machine => {
    const { clock, ownership } = machine
    const bootedAt = clock.now()
    const print = (phase: string) => {
      machine.print(`agentctl: phase=${phase} t=${((clock.now() - bootedAt) / 1000).toFixed(1)}`)
    }
    print('timers-set')
    const expiry = clock.sleep(Math.max(0, ownership.expiresAt - bootedAt)).then(() => print('expired'))
    await Promise.race([expiry, work()])

    async function work(): Promise<void> {
      await clock.sleep(dice.within(agentMs))
      print('agent-started')
      let job = hub.register(machine)
      while (job === undefined && clock.now() - bootedAt < patienceMs) {
        await clock.sleep(retryMs)
        job = hub.register(machine)
      }
      if (job === undefined) return print('refused')
      print('online')
      await clock.sleep(job.jobMs)
      hub.finished?.(machine)
      print('offline')
    }
  }
}
