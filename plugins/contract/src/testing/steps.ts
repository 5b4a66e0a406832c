import assert from 'node:assert/strict'
import { type ContractError, type ErrorCode, hasCode, isContractError } from '../errors.ts'
import type { LaunchRequest, LaunchResult, ListFilter, Provider } from '../provider.ts'
import { type Instance, isInstance, type Resource, type ResourceRef } from '../resources.ts'
import { type CheckContext, markerOf, type Tenant } from './context.ts'

/** How often every idempotent verb is repeated. */
export const REPEATS = 10
const POLL_MS = 250
const THROTTLED_MAX = 20
const DOUBT_MS = 30_000
const liveStates: readonly string[] = ['pending', 'running']

export function times<T>(count: number, run: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => run(index))
}

export function idsOf(resources: readonly ResourceRef[]): readonly string[] {
  return resources.map(({ id }) => id).sort()
}

export function isLive({ state }: Resource): boolean {
  return liveStates.includes(state)
}

/** Being throttled breaks no rule: the same call again, when the cloud said. */
async function patient<T>({ clock }: CheckContext, run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run()
    } catch (error) {
      if (!hasCode(error, 'rate-limited') || tries === THROTTLED_MAX) throw error
      await clock.sleep(error.retryAfterMs ?? 1000)
    }
  }
}

export function launch(
  context: CheckContext,
  request: LaunchRequest,
  provider: Provider = context.provider,
): Promise<LaunchResult> {
  return patient(context, () => provider.launch(request, context.call()))
}

/** The same launch again for as long as it is `outcome-unknown`, until a lagging listing must have caught up. */
export async function launchUntilDefinite(
  context: CheckContext,
  request: LaunchRequest,
): Promise<LaunchResult> {
  const { clock, capabilities } = context
  const until = clock.now() + capabilities.settleMs + DOUBT_MS
  for (;;) {
    try {
      return await launch(context, request)
    } catch (error) {
      if (!hasCode(error, 'outcome-unknown') || clock.now() > until) throw error
      await clock.sleep(error.retryAfterMs ?? POLL_MS)
    }
  }
}

/** Launches, and holds the provider to what every accepted launch must look like. */
export async function launched(
  context: CheckContext,
  change: Parameters<CheckContext['request']>[0] = {},
): Promise<{ request: LaunchRequest; instances: readonly Instance[] }> {
  const request = await context.request(change)
  const { instances } = await launch(context, request)
  assert.equal(instances.length, request.units.length, 'launch gave another number of instances than units')
  return { request, instances }
}

export function terminate(
  context: CheckContext,
  ref: ResourceRef,
  provider: Provider = context.provider,
): Promise<'accepted' | 'gone'> {
  return patient(context, () => provider.terminate(ref, context.call()))
}

/** One complete list of every scope. */
export function listAll(
  context: CheckContext,
  filter: ListFilter = {},
  provider: Provider = context.provider,
): Promise<readonly Resource[]> {
  return patient(context, async () => {
    const found: Resource[] = []
    for (const scope of context.scopes) {
      for await (const resource of provider.list(scope, filter, context.call())) found.push(resource)
    }
    return found
  })
}

/** Repeats `look` until `isDone`: for as long as `withinMs`, at least once. Gives the last look. */
export async function poll<T>(
  { clock }: CheckContext,
  withinMs: number,
  look: () => Promise<T>,
  isDone: (seen: T) => boolean,
): Promise<T> {
  const until = clock.now() + withinMs
  for (;;) {
    const seen = await look()
    if (isDone(seen) || clock.now() >= until) return seen
    await clock.sleep(Math.min(POLL_MS, Math.max(1, until - clock.now())))
  }
}

/** A strong listing must show it at once, an eventual one within `settleMs`. */
export function listedWithin({ capabilities }: CheckContext): number {
  return capabilities.listing === 'strong' ? 0 : capabilities.settleMs
}

/** The instances of a launch as `list` shows them, once there are `count` or the time to show them is over. */
export async function listed(
  context: CheckContext,
  launchId: string,
  count: number,
  provider: Provider = context.provider,
): Promise<readonly Instance[]> {
  const look = async () =>
    (await listAll(context, { kinds: ['instance'], launchId }, provider)).filter(isInstance)
  return poll(context, listedWithin(context), look, seen => seen.length >= count)
}

export function settle({ target, clock, capabilities }: CheckContext): Promise<void> {
  return target.settle?.() ?? clock.sleep(capabilities.settleMs)
}

/** Terminates until `gone`, as the engine does. */
export async function untilGone(
  context: CheckContext,
  ref: ResourceRef,
  provider: Provider = context.provider,
): Promise<void> {
  const withinMs = context.target.goneWithinMs ?? 120_000
  const end = await poll(
    context,
    withinMs,
    () => terminate(context, ref, provider),
    answer => answer === 'gone',
  )
  assert.equal(end, 'gone', `T2: ${ref.kind} ${ref.id} is still not gone after ${withinMs} ms`)
}

/** Ends everything that `list` shows of a tenant: what `reap` would do. */
export async function endAll(context: CheckContext, tenant: Tenant = context): Promise<void> {
  if (context.capabilities.listing === 'eventual') await settle(context)
  const found = await listAll(context, {}, tenant.provider)
  // Instances first: most of the rest goes with them.
  const inOrder = [...found.filter(isInstance), ...found.filter(resource => !isInstance(resource))]
  for (const resource of inOrder.filter(({ state }) => state !== 'terminated')) {
    await untilGone(context, resource, tenant.provider)
  }
}

/** Fails unless the cloud itself holds nothing of this owner. */
export async function assertNothingLeft(context: CheckContext, owner: string = context.owner): Promise<void> {
  const left = await poll(
    context,
    context.capabilities.settleMs,
    () => context.target.outOfBand.left(owner),
    lines => lines.length === 0,
  )
  assert.deepEqual([...left], [], `T4: the cloud still holds something of ${owner}`)
}

/** The contract error that `running` rejects with, one of `codes`, with no user data in its words. Rule C2. */
export async function refusal(running: Promise<unknown>, ...codes: ErrorCode[]): Promise<ContractError> {
  const outcome = await running.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) assert.fail(`expected ${codes.join(' or ')}, but the call succeeded`)
  return judge(outcome.error, codes)
}

/** Rule C2 for something thrown: a contract error, with one of `codes` where any are given. */
export function judge(error: unknown, codes: readonly ErrorCode[] = []): ContractError {
  if (!isContractError(error)) assert.fail(`C2: not a contract error was thrown: ${String(error)}`)
  const words = [error.message, error.hint, error.fault, JSON.stringify(error)].join(' ')
  assert.ok(!words.includes(markerOf('')), `C2: the error tells user data: ${error.message}`)
  if (codes.length > 0 && !codes.includes(error.code)) {
    assert.fail(`expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`)
  }
  return error
}

/** Tells the answer of a launch from something thrown that is no contract error. */
export function judgeAnswer(outcome: unknown): asserts outcome is LaunchResult {
  if (!(outcome instanceof Object && 'instances' in outcome)) judge(outcome)
}

/** Settles as `running` does, or rejects when that takes longer than `ms` of the target's time. */
export async function within<T>(
  { clock }: CheckContext,
  ms: number,
  what: string,
  running: Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const late = clock.sleep(ms, ended.signal).then(() => assert.fail(`${what} took longer than ${ms} ms`))
  // The loser of the race rejects unseen.
  late.catch(() => {})
  try {
    return await Promise.race([running, late])
  } finally {
    ended.abort()
  }
}

/** A ref of the same form as `real` of which there is nothing. */
export function absentRef({ target }: CheckContext, real: ResourceRef): ResourceRef {
  const { kind, id, scope } = real
  const last = id.endsWith('1') ? '2' : '1'
  return target.outOfBand.absentRef?.(real) ?? { kind, id: `${id.slice(0, -1)}${last}`, scope }
}
