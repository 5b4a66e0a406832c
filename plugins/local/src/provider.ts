import {
  assertOpen,
  type Bounds,
  type Call,
  type ListFilter,
  type Provider,
  type Resource,
  type Scope,
  scopeKey,
  within,
} from '@agentctl/contract'
import { capabilities } from './capabilities.ts'
import type { Context } from './context.ts'
import { toContractError } from './errors.ts'
import { tidy } from './housekeeping.ts'
import { launch } from './launch.ts'
import { connect, consoleTail, mark } from './looks.ts'
import { isForeign, launchIds, observeLaunch } from './observe.ts'
import { preflight } from './preflight.ts'
import { type LocalSpec, parseSpec, resolveSpec, specSchema } from './spec.ts'
import { terminate } from './terminate.ts'

/** The verbs, each within the bounds of its call. */
export function localProvider(context: Context): Provider<LocalSpec> {
  const bounds = (what: string, call: Call): Bounds => {
    return { what, call, clock: context.clock, toError: toContractError }
  }
  return {
    capabilities,
    specSchema,
    parseSpec,
    scopes: specs => (specs.length === 0 ? [] : [context.scope]),
    resolve: (spec, call) => within(bounds('resolve', call), async () => resolveSpec(spec, context.scope)),
    preflight: (_spec, call) => within(bounds('preflight', call), () => preflight(context)),
    launch: (request, call) =>
      within({ ...bounds(`launch of ${request.launchId}`, call), late: () => 'outcome-unknown' }, () =>
        launch(context, request),
      ),
    list: (scope, filter, call) => list(context, scope, filter, bounds('list', call)),
    terminate: (ref, call) =>
      within(bounds(`terminate of ${ref.id}`, call), () => terminate(context, ref, call)),
    mark: (ref, change, call) => within(bounds(`mark of ${ref.id}`, call), () => mark(context, ref, change)),
    consoleTail: (ref, call) => within(bounds(`console of ${ref.id}`, call), () => consoleTail(context, ref)),
    connect: ref => connect(context, ref),
    close: async () => undefined,
  }
}

/** One launch after the other; all of them, or an error. Rules S1 and S2. */
async function* list(
  context: Context,
  scope: Scope,
  { kinds, launchId }: ListFilter,
  bounds: Bounds,
): AsyncGenerator<Resource> {
  assertOpen(bounds)
  if (kinds && !kinds.includes('instance')) return
  await within(bounds, () => tidy(context))
  const all = await within(bounds, () => launchIds(context))
  for (const id of launchId === undefined ? all : all.filter(other => other === launchId)) {
    const units = await within(bounds, () => observeLaunch(context, id))
    for (const unit of units) {
      const isAsked = scopeKey(unit.instance.scope) === scopeKey(scope) && !isForeign(unit, context)
      if (isAsked) yield unit.instance
    }
  }
}
