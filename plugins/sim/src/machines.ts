import type { Clock } from '@agentctl/contract'
import type { GuestScript, Machine } from './guests.ts'
import { countFault } from './ledger.ts'
import type { SimResource } from './state.ts'
import { ownershipOf } from './tags.ts'
import { catchUp, happen, ownerOf } from './timeline.ts'
import { cloudNow, type Hooks, type World } from './world.ts'

const CONSOLE_MAX = 65_536

/** Runs the guests' scripts: from the boot of each instance until it stops. */
export function guestHooks(
  world: () => World,
  script: GuestScript,
): Required<Pick<Hooks, 'booted' | 'stopped'>> {
  const running = new Map<string, AbortController>()
  return {
    booted(instance) {
      const stop = new AbortController()
      running.set(instance.id, stop)
      void run(world(), instance, script, stop.signal)
    },
    stopped({ id }) {
      running.get(id)?.abort(new Error(`machine ${id} has stopped`))
      running.delete(id)
    },
  }
}

async function run(
  world: World,
  instance: SimResource,
  script: GuestScript,
  signal: AbortSignal,
): Promise<void> {
  const { knobs } = world
  const machine = machineOf(world, instance, signal)
  if (machine === undefined) return
  if (hitsOf(world, knobs.wedgedChance, 'wedged')) return
  const chosen = hitsOf(world, knobs.bootFailure.chance, 'boot-failure')
    ? fails(knobs.bootFailure.text)
    : hitsOf(world, knobs.silentChance, 'silent')
      ? waitsForExpiry
      : script
  await chosen(machine).catch((error: unknown) => {
    if (!signal.aborted) machine.print(`guest failed: ${String(error)}`)
  })
  if (!signal.aborted) machine.powerOff()
}

function hitsOf({ dice, ledger }: World, chance: number, name: string): boolean {
  const isHit = dice.hits(chance)
  if (isHit) countFault(ledger, name)
  return isHit
}

const fails =
  (text: string): GuestScript =>
  async machine =>
    machine.print(text)

const waitsForExpiry: GuestScript = ({ clock, ownership }) =>
  clock.sleep(Math.max(0, ownership.expiresAt - clock.now()))

function machineOf(world: World, instance: SimResource, signal: AbortSignal): Machine | undefined {
  const { id, launchKey, unitIndex } = instance
  const ownership = ownershipOf(instance, ownerOf(instance))
  if (ownership === undefined || ownership.owner === '') return undefined
  const unit = ownership.units.find(({ index }) => index === unitIndex)
  return {
    id,
    ownership,
    ...(unit && { unit }),
    userData: world.userData.get(launchKey) ?? new Uint8Array(),
    clock: boundTo(world.clock, signal),
    signal,
    print: line => print(world, id, line),
    powerOff: () => powerOff(world, id),
  }
}

function boundTo(clock: Clock, signal: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, other) => clock.sleep(ms, other ? AbortSignal.any([signal, other]) : signal),
  }
}

/** Keeps the end of the console, as clouds do. */
export function print({ state }: World, id: string, line: string): void {
  state.consoles.set(id, `${state.consoles.get(id) ?? ''}${line}\n`.slice(-CONSOLE_MAX))
}

/** The guest of an instance powers it off. */
export function powerOff(world: World, id: string): void {
  catchUp(world)
  happen(world, cloudNow(world), id, 'power-off')
  catchUp(world)
}
