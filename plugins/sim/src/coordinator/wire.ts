import { contractError } from '@agentctl/contract'
import type { Dice } from '../random.ts'
import type { VirtualClock } from '../virtual-time.ts'
import type { Boundary } from '../world.ts'
import type { CoordinatorCall, CoordinatorFault, CoordinatorKnobs } from './knobs.ts'

export type AtCoordinatorBoundary = (boundary: Boundary, call: CoordinatorCall) => Promise<void> | void

/** A fault that the next `times` calls of that name meet for sure. */
export interface CoordinatorInjection {
  readonly fault: CoordinatorFault
  readonly call: CoordinatorCall
  times: number
}

/** Everything between the hosts and what they share. */
export interface CoordinatorNet {
  readonly clock: VirtualClock
  readonly dice: Dice
  readonly injections: CoordinatorInjection[]
  /** What happened, by name, and how often. */
  readonly happened: Map<string, number>
  knobs: CoordinatorKnobs
  /** Nobody reaches it. */
  isAway: boolean
}

export type SendToCoordinator = <T>(call: CoordinatorCall, effect: () => T) => Promise<T>

/** The network between one host and the coordinator. What was sent is under way when the host is no more. */
export function coordinatorWire(
  net: CoordinatorNet,
  isCut: () => boolean,
  pass: AtCoordinatorBoundary,
): SendToCoordinator {
  return async (call, effect) => {
    await pass('before-send', call)
    try {
      return await exchange(net, isCut, pass, call, effect)
    } finally {
      await pass('answered', call)
    }
  }
}

async function exchange<T>(
  net: CoordinatorNet,
  isCut: () => boolean,
  pass: AtCoordinatorBoundary,
  call: CoordinatorCall,
  effect: () => T,
): Promise<T> {
  const { clock, dice, knobs } = net
  const fault = faultOf(net, call)
  if (fault !== undefined) count(net, `${call} ${fault}`)
  await clock.sleep(dice.within(knobs.latencyMs))
  if (net.isAway || isCut()) {
    count(net, `${call} ${net.isAway ? 'while it was away' : 'while cut off'}`)
    await clock.sleep(dice.within([0, knobs.boundMs]))
    throw away(call)
  }
  if (fault === 'refused') throw away(call)
  if (fault === 'late') return later(net, call, effect)
  const answer = effect()
  await pass('accepted', call)
  if (fault === 'reply-lost' || net.isAway || isCut()) throw away(call)
  if (fault !== 'slow') return answer
  const slowMs = dice.within(knobs.slowMs)
  await clock.sleep(Math.min(slowMs, knobs.boundMs))
  if (slowMs > knobs.boundMs) throw away(call)
  return answer
}

/** No answer now, and the effect later, when nobody waits for it any more. */
async function later(net: CoordinatorNet, call: CoordinatorCall, effect: () => unknown): Promise<never> {
  net.clock.schedule(net.clock.now() + net.dice.within(net.knobs.lateMs), effect)
  throw away(call)
}

function faultOf(net: CoordinatorNet, call: CoordinatorCall): CoordinatorFault | undefined {
  const { injections, knobs, dice } = net
  const index = injections.findIndex(one => one.call === call)
  const injection = injections[index]
  if (injection !== undefined) {
    injection.times -= 1
    if (injection.times <= 0) injections.splice(index, 1)
    return injection.fault
  }
  for (const [name, chance] of Object.entries(knobs.chances)) {
    if (name === 'late' && call !== 'commit') continue
    if (dice.hits(chance)) return name as CoordinatorFault
  }
  return undefined
}

export function count({ happened }: Pick<CoordinatorNet, 'happened'>, name: string): void {
  happened.set(name, (happened.get(name) ?? 0) + 1)
}

function away(call: CoordinatorCall): Error {
  return contractError('unavailable', `the coordinator did not answer: ${call}`, {
    hint: 'it is tried again; see whether the coordinator runs and can be reached',
  })
}
