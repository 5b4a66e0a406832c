import {
  type Call,
  type CallClass,
  contractError,
  hasCode,
  type Instance,
  type Provider,
  type Resource,
} from '@agentctl/contract'
import { callMs, withCall } from '../engine/calls.ts'
import { type PoolPolicy, terminateAgainMs } from '../fleet/policy.ts'
import type { Context } from './context.ts'
import { type Check, looked } from './doctor-check.ts'

const shownMs = 60_000
const goneMs = 3 * 60_000
const lookAgainMs = 1_000

export interface Probe {
  readonly context: Context
  readonly area: string
  readonly provider: Provider
  readonly policy: PoolPolicy
  readonly instance: Instance
  readonly launchId: string
  /** Cuts everything short but the end of the machine. */
  readonly wake: AbortSignal
}

export function ask<T>(
  { effects, log, signal }: Context,
  callClass: CallClass,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  return withCall({ ...effects, log, signal }, callMs[callClass], work)
}

export async function checkListed(probe: Probe): Promise<Check> {
  const { context, area, policy, instance, wake } = probe
  const { clock } = context.effects
  const from = clock.now()
  const limitMs = policy.capabilities.settleMs + shownMs
  const { check } = await looked(
    area,
    'probe: list',
    async () => {
      while (!(await listed(probe)).some(one => one.id === instance.id)) {
        if (clock.now() - from > limitMs) {
          const message = `${instance.id} is not listed ${since(from, clock.now())} after its launch`
          throw contractError('internal', message)
        }
        await clock.sleep(pauseMsOf(probe), wake)
      }
    },
    () => `listed with our tags after ${since(from, clock.now())}`,
  )
  return check
}

/** The verbs that the provider has besides. */
export async function checkVerbs({ context, area, provider, instance }: Probe): Promise<readonly Check[]> {
  const { mark, guard, consoleTail } = provider
  const expiresAt = instance.ownership.expiresAt + 60_000
  const works = async (name: string, callClass: CallClass, verb: (call: Call) => Promise<unknown>) => {
    const { check } = await looked(
      area,
      `probe: ${name}`,
      () => ask(context, callClass, verb),
      () => 'works',
    )
    return check
  }
  return [
    ...(mark
      ? [await works('mark', 'mark', call => mark.call(provider, instance, { expiresAt }, call))]
      : []),
    ...(guard ? [await works('guard', 'mark', call => guard.call(provider, instance, call))] : []),
    ...(consoleTail
      ? [await works('console', 'read', call => consoleTail.call(provider, instance, call))]
      : []),
  ]
}

export async function checkGone(probe: Probe): Promise<Check> {
  const { context, area } = probe
  const { clock } = context.effects
  const from = clock.now()
  const { check } = await looked(
    area,
    'probe: terminate',
    () => endAll(probe, from + goneMs),
    () => `nothing is left after ${since(from, clock.now())}`,
  )
  return check
}

/** Asks until a complete list shows nothing of it; only a missing right is told at once. */
async function endAll(probe: Probe, until: number): Promise<void> {
  const { context, provider, instance } = probe
  const { clock } = context.effects
  const askedAt = new Map<string, number>()
  let left: readonly Resource[] = [instance]
  let last: unknown
  while (left.length > 0) {
    for (const resource of left) {
      const { id, kind, scope, state } = resource
      const isAsked = clock.now() - (askedAt.get(id) ?? 0) < terminateAgainMs
      if (isAsked && state !== 'stopped' && state !== 'failed') continue
      try {
        await ask(context, 'terminate', call => provider.terminate({ id, kind, scope }, call))
        askedAt.set(id, clock.now())
      } catch (error) {
        if (hasCode(error, 'permission-denied', 'unauthenticated', 'not-owned')) throw leftBehind(left, error)
        last = error
      }
    }
    if (clock.now() > until) throw leftBehind(left, last)
    await clock.sleep(pauseMsOf(probe), context.signal)
    left = await listed(probe).catch(error => {
      last = error
      return left
    })
  }
}

function leftBehind(left: readonly Resource[], cause: unknown) {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  const hint = hasCode(cause, 'permission-denied', 'unauthenticated') ? cause.hint : undefined
  const names = left.map(({ kind, id }) => `${kind} ${id}`).join(', ')
  return contractError('cleanup-incomplete', `Still there: ${names}${why}`, {
    cause,
    hint: `${hint === undefined ? '' : `${hint} `}It powers itself off within minutes; then run: agentctl reap`,
  })
}

/** What is there of the probe, of every kind. */
async function listed({ context, provider, instance, launchId }: Probe): Promise<readonly Resource[]> {
  const all = await ask(context, 'read', call =>
    Array.fromAsync<Resource>(provider.list(instance.scope, { launchId }, call)),
  )
  return all.filter(({ state }) => state !== 'terminated')
}

function pauseMsOf({ provider }: Probe): number {
  return provider.capabilities.listEveryMs ?? lookAgainMs
}

export function since(from: number, to: number): string {
  return `${((to - from) / 1000).toFixed(1)} s`
}
