import {
  type Call,
  contractError,
  type Instance,
  type ListFilter,
  type Provider,
  type ResolvedSpec,
  type Resource,
  type ResourceRef,
  type Scope,
  tagNames,
  within,
} from '@agentctl/contract'
import { capabilities } from './capabilities.ts'
import { isCloudError, type Machine } from './cloud.ts'
import { toContractError } from './errors.ts'
import { markedLabels, toInstance } from './labels.ts'
import { launch } from './launch.ts'
import type { Seat } from './seat.ts'
import { parseSpec, type Spec, scopeOf, scopesOf, specSchema } from './spec.ts'

export function createProvider(seat: Seat): Provider<Spec> {
  return {
    capabilities,
    specSchema,
    parseSpec,
    scopes: scopesOf,
    resolve: (spec, call) => resolve(seat, spec, call),
    async preflight(spec, call) {
      await resolve(seat, spec, call)
      return [
        { level: 'ok', subject: 'nimbus', message: `the cloud answers in ${spec.region}` },
        {
          level: 'unproven',
          subject: 'capacity',
          message: 'whether there is room shows at the first launch',
        },
      ]
    },
    launch: (request, call) => launch(seat, request, call),
    list: (scope, filter, call) => list(seat, scope, filter, call),
    terminate: (ref, call) => terminate(seat, ref, call),
    mark: (ref, change, call) => mark(seat, ref, change, call),
    close: async () => {},
  }
}

/** A call within its bounds, its errors in the contract's words. Rules C1 and C2. */
function asked<T>({ clock }: Seat, what: string, call: Call, work: (signal: AbortSignal) => Promise<T>) {
  return within({ what, call, clock, toError: error => toContractError(error, what) }, work)
}

/** Rule P2: reads only. */
async function resolve(seat: Seat, spec: Spec, call: Call): Promise<ResolvedSpec> {
  const { region } = spec
  const prices = await asked(seat, `nimbus: sizes of ${region}`, call, signal =>
    seat.cloud.sizes(region, signal),
  )
  const problems = spec.sizes.flatMap((size, index) =>
    size in prices ? [] : [{ path: `spec.sizes[${index}]`, message: `is no size of ${region}` }],
  )
  if (problems.length > 0)
    throw contractError('invalid-spec', 'nimbus: sizes that are not there', { problems })
  const offerings = [...new Set(spec.sizes)].map(size => ({
    id: size,
    scope: scopeOf(spec),
    type: size,
    zone: region,
    market: 'on-demand' as const,
    pricePerHour: prices[size] ?? 0,
  }))
  return { guest: 'linux', offerings, details: {} }
}

/** Rules S1 and S2: every page, or an error. */
async function* list(seat: Seat, scope: Scope, filter: ListFilter, call: Call): AsyncGenerator<Resource> {
  if (filter.kinds && !filter.kinds.includes('instance')) return
  const { cloud, owner } = seat
  let after: string | undefined = ''
  while (after !== undefined) {
    const from: string = after
    const { page, next }: { page: readonly Machine[]; next: string | undefined } = await asked(
      seat,
      `nimbus: list of ${scope.region}`,
      call,
      signal => cloud.list(scope.region, [tagNames.owner, owner], from, signal),
    )
    for (const machine of page) {
      const instance = toInstance(machine, owner, call.log)
      const isAsked = filter.launchId === undefined || filter.launchId === instance?.ownership.launchId
      if (instance && isAsked) yield instance
    }
    after = next
  }
}

/** Rules T1 to T3. */
function terminate(seat: Seat, ref: ResourceRef, call: Call): Promise<'accepted' | 'gone'> {
  return asked(seat, `nimbus: terminate ${ref.id}`, call, async signal => {
    try {
      await owned(seat, ref, call, signal)
      await seat.cloud.remove(ref.id, signal)
      return 'accepted'
    } catch (error) {
      if (isCloudError(error) && error.cloudCode === 'NotFound') return 'gone'
      throw error
    }
  })
}

function mark(
  seat: Seat,
  ref: ResourceRef,
  change: { expiresAt?: number; holdUntil?: number },
  call: Call,
): Promise<void> {
  return asked(seat, `nimbus: mark ${ref.id}`, call, async signal => {
    try {
      const { labels } = await owned(seat, ref, call, signal)
      await seat.cloud.relabel(ref.id, markedLabels(labels, change), signal)
    } catch (error) {
      if (!isCloudError(error) || error.cloudCode !== 'NotFound') throw error
    }
  })
}

/** The machine, once its owner's label has been seen. Rule T3. @throws `not-owned` */
async function owned(seat: Seat, ref: ResourceRef, call: Call, signal: AbortSignal): Promise<Machine> {
  const machine = await seat.cloud.get(ref.id, signal)
  const instance: Instance | undefined = toInstance(machine, seat.owner, call.log)
  if (!instance) throw contractError('not-owned', `nimbus: ${ref.id} is not a machine of ${seat.owner}`)
  return machine
}
