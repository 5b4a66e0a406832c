import {
  assertOpen,
  type Bounds,
  type Call,
  type ListFilter,
  type Provider,
  type Resource,
  type Scope,
  within,
} from '@agentctl/contract'
import type { Arm } from './arm.ts'
import { capabilities } from './capabilities.ts'
import { connect, consoleTail } from './console.ts'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { launch, type Progress } from './launch.ts'
import { observeMachines } from './machines.ts'
import { mark } from './mark.ts'
import { partKinds, placeOf } from './names.ts'
import { readParts } from './parts.ts'
import { preflight } from './preflight.ts'
import { withReclaimed } from './reclaimed.ts'
import { resolve } from './resolve.ts'
import { type AzureSpec, parseSpec, scopesOf, specSchema } from './spec.ts'
import { terminate } from './terminate.ts'

/** The verbs, each within the bounds of its call. */
export function azureProvider(context: Context, close: () => Promise<void>): Provider<AzureSpec> {
  const bound = <T>(
    what: string,
    subscription: string,
    call: Call,
    work: (arm: Arm, signal: AbortSignal) => Promise<T>,
    late?: Bounds['late'],
  ): Promise<T> =>
    within(
      { what, call, clock: context.clock, toError: toContractError, ...(late && { late }) },
      async signal => work(await context.arm(subscription), signal),
    )
  const at = ({ scope }: { readonly scope: Scope }) => placeOf(scope).subscription
  const armOf = context.arm
  return {
    capabilities,
    specSchema,
    parseSpec: raw => parseSpec(raw, context.settings, context.owner),
    scopes: scopesOf,
    resolve: (spec, call) =>
      bound('resolve', spec.subscription, call, (arm, signal) => resolve(arm, armOf, spec, signal)),
    preflight: (spec, call) =>
      bound('preflight', spec.subscription, call, (arm, signal) => preflight({ arm, armOf, spec, signal })),
    launch: (request, call) => {
      const progress: Progress = { step: 'preparing' }
      return bound(
        `launch of ${request.launchId}`,
        at(request.offering),
        call,
        (arm, signal) => launch(context, arm, request, signal, progress),
        // Cut off on its way, nobody knows. Rule L5
        () => (progress.step === 'sent' ? 'outcome-unknown' : undefined),
      )
    },
    list: (scope, filter, call) => list(context, scope, filter, call),
    terminate: (ref, call) =>
      bound(`terminate of ${ref.id}`, at(ref), call, (arm, signal) => terminate(context, arm, ref, signal)),
    mark: (ref, change, call) =>
      bound(`mark of ${ref.id}`, at(ref), call, (arm, signal) => mark(context, arm, ref, change, signal)),
    consoleTail: (ref, call) =>
      bound(`console of ${ref.id}`, at(ref), call, (arm, signal) => consoleTail(context, arm, ref, signal)),
    connect,
    close,
  }
}

/** Nothing is given before all of it is there: what comes of a list that breaks off would be taken for all. */
async function* list(
  context: Context,
  scope: Scope,
  filter: ListFilter,
  call: Call,
): AsyncGenerator<Resource> {
  const bounds: Bounds = { what: 'list', call, clock: context.clock, toError: toContractError }
  assertOpen(bounds)
  const found = await within(bounds, signal => readAll(context, scope, filter, signal))
  const { launchId } = filter
  yield* found.filter(({ ownership }) => launchId === undefined || ownership.launchId === launchId)
}

async function readAll(context: Context, scope: Scope, { kinds }: ListFilter, signal: AbortSignal) {
  const { subscription } = placeOf(scope)
  const arm = await context.arm(subscription)
  context.pace.assertRoom('read')
  const isAsked = (kind: Resource['kind']) => kinds?.includes(kind) ?? true
  const machines = isAsked('instance')
    ? withReclaimed(context, scope.region, await observeMachines(context, arm, scope, signal))
    : []
  const wanted = partKinds.filter(isAsked)
  if (wanted.length === 0) return machines
  const { owner } = context
  return [...machines, ...(await readParts(arm, { owner, scope, kinds: wanted }, signal))]
}
