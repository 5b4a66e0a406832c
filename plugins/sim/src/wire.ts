import { type Call, type CallClass, type Clock, type Scope, scopeKey } from '@agentctl/contract'
import type { FaultKind, Operation } from './knobs.ts'
import { countFault } from './ledger.ts'
import { type SimCode, type SimFault, simFault } from './sim-fault.ts'
import { catchUp } from './timeline.ts'
import type { AtBoundary, Injection, World } from './world.ts'

/** One request on its way: what it is, and what the cloud does when it arrives. */
export interface Request<T> {
  readonly operation: Operation
  readonly scope: Scope
  /** What it is about, for messages. */
  readonly subject: string
  /** Gets the fault that it was chosen to meet, where that changes what is done. */
  effect(fault: FaultKind | undefined, injection: Injection | undefined): T
}

export type Send = <T>(request: Request<T>, call: Call) => Promise<T>

const classes: Readonly<Record<Operation, CallClass>> = {
  launch: 'launch',
  terminate: 'terminate',
  list: 'read',
  describe: 'read',
  console: 'read',
  mark: 'mark',
}

/** Faults that are answered at the door, with nothing done. */
const refusals: Partial<Readonly<Record<FaultKind, { readonly code: SimCode; readonly message: string }>>> = {
  'bad-credentials': { code: 'BadCredentials', message: 'the credentials are not valid' },
  'access-denied': { code: 'AccessDenied', message: 'the right to do this is missing' },
  'server-error': { code: 'ServerError', message: 'the service is having a bad minute' },
  'not-found': { code: 'NotFound', message: 'there is no such resource' },
  'request-lost': { code: 'ConnectionLost', message: 'the connection broke before an answer came' },
}

/** The network between one process and the cloud, with everything that can go wrong on it. */
export function createWire(world: World, atBoundary: AtBoundary = () => {}, host: Clock = world.clock): Send {
  return async (request, call) => {
    const pause: Pause = (ms, isSent) => within(host, call, ms, isSent)
    await pause(0, false)
    await atBoundary('before-send', request.operation)
    try {
      return await exchange(world, request, pause, atBoundary)
    } finally {
      await atBoundary('answered', request.operation)
    }
  }
}

async function exchange<T>(
  world: World,
  request: Request<T>,
  pause: Pause,
  atBoundary: AtBoundary,
): Promise<T> {
  const { operation, subject } = request
  const injection = takeInjection(world, operation)
  const fault = injection?.fault ?? rollFault(world, operation)
  world.ledger.calls.set(operation, (world.ledger.calls.get(operation) ?? 0) + 1)
  if (fault) countFault(world.ledger, `${operation} ${fault}`)
  await pause(world.dice.within(world.knobs.latencyMs), true)
  throttle(world, request, fault)
  const refusal = fault && refusals[fault]
  if (refusal) throw simFault(refusal.code, `${refusal.message}: ${operation} ${subject}`)
  if (fault === 'slow') await pause(world.dice.within(world.knobs.slowMs), true)
  if (fault === 'late') return late(world, request)
  const answer = await arrive(world, request, fault, injection)
  await atBoundary('accepted', operation)
  if (fault === 'answer-lost') throw lost(request)
  if (fault === 'hang') await pause(Number.POSITIVE_INFINITY, true)
  return answer
}

function lost({ operation, subject }: Request<unknown>): SimFault {
  return simFault('ConnectionLost', `the connection broke before an answer came: ${operation} ${subject}`)
}

function arrive<T>(
  world: World,
  { effect }: Request<T>,
  fault: FaultKind | undefined,
  injection: Injection | undefined,
): Promise<T> {
  return world.transact(() => {
    catchUp(world)
    const answer = effect(fault, injection)
    // The second delivery may well be refused; its answer reaches nobody.
    if (fault === 'duplicate') ignoreFaults(() => effect(undefined, undefined))
    // What takes no time at all has happened when the answer is here.
    catchUp(world)
    return answer
  }, world)
}

/** No answer now, and the effect later, when nobody looks for it any more. */
async function late<T>(world: World, request: Request<T>): Promise<never> {
  const ms = world.dice.within(world.knobs.lateMs)
  void world.clock.sleep(ms).then(() =>
    world.transact(() => {
      catchUp(world)
      ignoreFaults(() => request.effect(undefined, undefined))
    }, world),
  )
  throw lost(request)
}

function ignoreFaults(run: () => unknown): void {
  try {
    run()
  } catch {
    // A delivery that nobody waits for is refused unseen.
  }
}

function throttle({ buckets, knobs, ledger }: World, request: Request<unknown>, fault?: FaultKind): void {
  const { operation, scope, subject } = request
  const callClass = classes[operation]
  const message = `too many ${callClass} calls: ${operation} ${subject}`
  if (fault === 'throttled') throw simFault('Throttled', message, { retryAfterMs: 1000 })
  const retryAfterMs = buckets.take(`${scopeKey(scope)} ${callClass}`, knobs.rates[callClass])
  if (retryAfterMs <= 0) return
  countFault(ledger, `${operation} beyond its rate`)
  throw simFault('Throttled', message, { retryAfterMs })
}

function takeInjection({ injections }: World, operation: Operation): Injection | undefined {
  const index = injections.findIndex(entry => entry.operation === operation || entry.operation === 'any')
  const injection = injections[index]
  if (injection === undefined) return undefined
  injection.times -= 1
  if (injection.times <= 0) injections.splice(index, 1)
  return injection
}

function rollFault({ knobs, dice }: World, operation: Operation): FaultKind | undefined {
  for (const [fault, chance] of Object.entries(knobs.chances[operation] ?? {})) {
    if (dice.hits(chance)) return fault as FaultKind
  }
  return undefined
}

type Pause = (ms: number, isSent: boolean) => Promise<void>

/** Waits within the bounds of the call, whose deadline is by the caller's clock. */
async function within(
  clock: Clock,
  { signal, deadlineMs }: Call,
  ms: number,
  isSent: boolean,
): Promise<void> {
  const leftMs = deadlineMs - clock.now()
  if (signal.aborted) throw simFault('Aborted', 'the call was called off', { isSent })
  if (ms <= 0 && leftMs > 0) return
  try {
    await clock.sleep(Math.max(0, Math.min(ms, leftMs)), signal)
  } catch {
    throw simFault('Aborted', 'the call was called off', { isSent })
  }
  if (ms >= leftMs) throw simFault('TimedOut', 'no answer within the time of the call', { isSent })
}
