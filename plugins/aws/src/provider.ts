import {
  assertOpen,
  type Call,
  type ListFilter,
  type Provider,
  type ProviderDeps,
  type Resource,
  type Scope,
  within,
} from '@agentctl/contract'
import { capabilities } from './capabilities.ts'
import { mark } from './change.ts'
import { connect, consoleTail } from './console.ts'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { launch, type Progress } from './launch.ts'
import { list, sightOf } from './list.ts'
import { preflight } from './preflight.ts'
import { assertRegion } from './region.ts'
import { resolve } from './resolve.ts'
import { type AwsSpec, parseSpec, scopesOf, specSchema } from './spec.ts'
import { terminate } from './terminate.ts'
import { tokenStore } from './tokens.ts'

/** The verbs, each within the bounds of its call. */
export function awsProvider(context: Context, deps: ProviderDeps): Provider<AwsSpec> {
  const { clock, clients } = context
  const bound = <T>(what: string, call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    within({ what, call, clock, toError: toContractError }, work)
  const reading = async (spec: AwsSpec, signal: AbortSignal) => {
    await assertRegion(context, spec.region, signal)
    return { context, ec2: await clients.read(spec.region), spec, signal }
  }
  return {
    capabilities,
    specSchema,
    parseSpec: raw => parseSpec(raw, context.settings),
    scopes: scopesOf,
    resolve: (spec, call) => bound('resolve', call, async signal => resolve(await reading(spec, signal))),
    preflight: (spec, call) =>
      bound('preflight', call, async signal => preflight(await reading(spec, signal))),
    launch: (request, call) => {
      const progress: Progress = { step: 'preparing' }
      const bounds = {
        what: `launch of ${request.launchId}`,
        call,
        clock,
        toError: toContractError,
        // Cut off on its way, nobody knows. Rule L5
        late: () => (progress.step === 'sent' ? ('outcome-unknown' as const) : undefined),
      }
      return within(bounds, signal => launch(context, request, progress, signal))
    },
    list: (scope, filter, call) => boundList(context, scope, filter, call),
    terminate: (ref, call) =>
      bound(`terminate of ${ref.id}`, call, signal => terminate(context, ref, signal)),
    mark: (ref, change, call) =>
      bound(`mark of ${ref.id}`, call, signal => mark(context, ref, change, signal)),
    consoleTail: (ref, call) =>
      bound(`console of ${ref.id}`, call, signal => consoleTail(context, ref, signal)),
    connect,
    tokens: tokenStore(deps),
    close: async () => clients.close(),
  }
}

/** Nothing is given before all of it is there: what comes of a list that breaks off would be taken for all. */
async function* boundList(
  context: Context,
  scope: Scope,
  filter: ListFilter,
  call: Call,
): AsyncGenerator<Resource> {
  const bounds = { what: `list of ${scope.region}`, call, clock: context.clock, toError: toContractError }
  assertOpen(bounds)
  yield* await within(bounds, async signal => {
    const ec2 = await context.clients.read(scope.region)
    return Array.fromAsync(list(ec2, sightOf(context, scope), filter, signal))
  })
}
