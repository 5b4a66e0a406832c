import {
  assertOpen,
  type Bounds,
  type Call,
  type LaunchRequest,
  type ListFilter,
  type Provider,
  type Resource,
  type Scope,
  within,
} from '@agentctl/contract'
import type { Compute } from './api.ts'
import { capabilities } from './capabilities.ts'
import { guard, mark } from './change.ts'
import { connect, consoleTail } from './console.ts'
import type { Context } from './context.ts'
import { errorsBy } from './errors.ts'
import { launch, type Progress } from './launch.ts'
import { list } from './list.ts'
import { preflight } from './preflight.ts'
import { resolve } from './resolve.ts'
import { type GcpSpec, parseSpec, scopesOf, specSchema } from './spec.ts'
import { terminate } from './terminate.ts'

/** The verbs, each within the bounds of its call. */
export function gcpProvider(context: Context, close: () => Promise<void>): Provider<GcpSpec> {
  const toError = errorsBy(context.clock)
  /** Runs `work` with the API of a project, for as long as the call lasts. */
  const bound = <T>(
    what: string,
    project: string,
    call: Call,
    work: (compute: Compute) => Promise<T>,
    late?: Bounds['late'],
  ): Promise<T> =>
    within({ what, call, clock: context.clock, toError, ...(late && { late }) }, signal =>
      work(computeOf(context, project, call, signal)),
    )
  return {
    capabilities,
    specSchema,
    parseSpec: raw => parseSpec(raw, context.settings),
    scopes: scopesOf,
    resolve: (spec, call) => bound('resolve', spec.project, call, compute => resolve(compute, spec)),
    preflight: (spec, call) =>
      bound('preflight', spec.project, call, compute => preflight(context, compute, spec)),
    launch: (request, call) => {
      const progress: Progress = { step: 'preparing' }
      return bound(
        `launch of ${request.launchId}`,
        accountOf(request),
        call,
        compute => launch(context, compute, request, progress),
        // Cut off on its way, nobody knows. Rule L5
        () => (progress.step === 'sent' ? 'outcome-unknown' : undefined),
      )
    },
    list: (scope, filter, call) => boundList(context, scope, filter, call),
    terminate: (ref, call) =>
      bound(`terminate of ${ref.id}`, ref.scope.account, call, compute => terminate(context, compute, ref)),
    mark: (ref, change, call) =>
      bound(`mark of ${ref.id}`, ref.scope.account, call, compute => mark(context, compute, ref, change)),
    guard: (ref, call) =>
      bound(`guard of ${ref.id}`, ref.scope.account, call, compute => guard(context, compute, ref)),
    consoleTail: (ref, call) =>
      bound(`console of ${ref.id}`, ref.scope.account, call, compute => consoleTail(context, compute, ref)),
    connect,
    close,
  }
}

function accountOf({ offering }: LaunchRequest): string {
  return offering.scope.account
}

function computeOf(context: Context, project: string, call: Call, signal: AbortSignal): Compute {
  return { client: context.compute(project), project, bounds: { signal, deadlineMs: call.deadlineMs } }
}

/** Nothing is given before all of it is there: what comes of a list that breaks off would be taken for all. */
async function* boundList(
  context: Context,
  scope: Scope,
  filter: ListFilter,
  call: Call,
): AsyncGenerator<Resource> {
  const bounds: Bounds = { what: 'list', call, clock: context.clock, toError: errorsBy(context.clock) }
  assertOpen(bounds)
  yield* await within(bounds, signal =>
    Array.fromAsync(list(context, computeOf(context, scope.account, call, signal), scope, filter)),
  )
}
