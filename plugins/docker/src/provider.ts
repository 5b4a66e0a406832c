import {
  assertOpen,
  type Bounds,
  type Call,
  type ErrorCode,
  type LaunchRequest,
  type ListFilter,
  type Provider,
  type Resource,
  type Scope,
  scopeKey,
  within,
} from '@agentctl/contract'
import { capabilities } from './capabilities.ts'
import { connect, consoleTail } from './console.ts'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { launch, type Progress } from './launch.ts'
import { observe } from './observe.ts'
import { preflight } from './preflight.ts'
import { type DockerSpec, parseSpec, resolveSpec, specSchema } from './spec.ts'
import { terminate } from './terminate.ts'

/** The verbs, each within the bounds of its call. `mark` is not there: labels of a container cannot be changed. */
export function dockerProvider(context: Context): Provider<DockerSpec> {
  const bounds = (what: string, call: Call): Bounds => ({
    what,
    call,
    clock: context.clock,
    toError: toContractError,
  })
  return {
    capabilities,
    specSchema,
    parseSpec,
    scopes: specs => (specs.length === 0 ? [] : [context.scope]),
    resolve: (spec, call) => within(bounds('resolve', call), async () => resolveSpec(spec, context.scope)),
    preflight: (spec, call) => within(bounds('preflight', call), signal => preflight(context, spec, signal)),
    launch: (request, call) => boundLaunch(context, request, call),
    list: (scope, filter, call) => list(context, scope, filter, bounds('list', call)),
    terminate: (ref, call) =>
      within(bounds(`terminate of ${ref.id}`, call), signal => terminate(context, ref, signal)),
    consoleTail: (ref, call) =>
      within(bounds(`console of ${ref.id}`, call), signal => consoleTail(context, ref, signal)),
    connect: ref => connect(context, ref),
    close: async () => context.closing.abort(),
  }
}

/** Cut off while it looks or pulls, a launch has made nothing; later nobody knows. Rules C1 and L5. */
function boundLaunch(context: Context, request: LaunchRequest, call: Call) {
  const progress: Progress = { step: 'looking' }
  const late = (): ErrorCode | undefined => (progress.step === 'making' ? 'outcome-unknown' : undefined)
  const hint = () =>
    progress.step === 'pulling'
      ? 'The image takes long to pull: pull it on the engine before (docker pull), or use a smaller one.'
      : undefined
  const what = `launch of ${request.launchId}`
  return within({ what, call, clock: context.clock, toError: toContractError, late, hint }, signal =>
    launch(context, request, call, signal, progress),
  )
}

/** One request shows all of them. Rules S1 and S2. */
async function* list(
  context: Context,
  scope: Scope,
  { kinds, launchId }: ListFilter,
  bounds: Bounds,
): AsyncGenerator<Resource> {
  assertOpen(bounds)
  if (kinds && !kinds.includes('instance')) return
  if (scopeKey(scope) !== scopeKey(context.scope)) return
  yield* await within(bounds, signal => observe(context, launchId, signal))
}
