import {
  type Call,
  type Clock,
  type ResourceKind,
  type ResourceRef,
  type Scope,
  scopeKey,
  type Tags,
  tagNames,
} from '@agentctl/contract'
import { acceptLaunch, type LaunchAnswer, type LaunchOrder } from './accept.ts'
import type { Operation } from './knobs.ts'
import { countFault } from './ledger.ts'
import { simFault } from './sim-fault.ts'
import { asOf, current, drop, everyCurrent, put, type SimResource } from './state.ts'
import { attachedTo, happen, ownerOf } from './timeline.ts'
import { createWire } from './wire.ts'
import { type AtBoundary, cloudNow, type World } from './world.ts'

export interface Page {
  readonly items: readonly SimResource[]
  /** Where the next page starts; left out on the last one. */
  readonly next?: string
  /** The page broke off after these. */
  readonly isTorn?: boolean
}

export interface Query {
  readonly owner: string
  readonly kinds?: readonly ResourceKind[]
  readonly launchId?: string
  readonly after?: string
}

/** The API that the simulated cloud offers, as a provider's SDK would show it. Rejects with a SimFault. */
export interface CloudApi {
  launch(order: LaunchOrder, call: Call): Promise<LaunchAnswer>
  list(scope: Scope, query: Query, call: Call): Promise<Page>
  /** A read of nothing: whether the cloud answers, and takes the credentials. */
  ping(scope: Scope, call: Call): Promise<void>
  /** What is still there of a resource and of what was made along with it; not delayed. */
  remains(ref: ResourceRef, by: string, call: Call): Promise<readonly SimResource[]>
  /** The instance of that launch and index, by its name; not delayed. */
  named(scope: Scope, name: string, call: Call): Promise<SimResource | undefined>
  /** Asks for the end, where `by` is the owner. Not delayed: a cloud looks at the truth when it is told to delete. */
  terminate(ref: ResourceRef, by: string, call: Call): Promise<'deleting' | 'ended'>
  /** Changes the tags, where `by` is the owner. */
  retag(ref: ResourceRef, by: string, change: (tags: Tags) => Tags, call: Call): Promise<void>
  /** Keeps an object; what is in it is not looked at. */
  upload(scope: Scope, key: string, call: Call): Promise<void>
  /** Takes the user data away from the guest. */
  guard(ref: ResourceRef, by: string, call: Call): Promise<void>
  console(ref: ResourceRef, by: string, call: Call): Promise<string>
}

export function createApi(world: World, atBoundary?: AtBoundary, host?: Clock): CloudApi {
  const send = createWire(world, atBoundary, host)
  return {
    launch: (order, call) =>
      send(
        {
          operation: 'launch',
          scope: order.offering.scope,
          subject: order.launchId,
          effect: (fault, injection) => acceptLaunch(world, order, fault, injection?.count),
        },
        call,
      ),
    list: (scope, query, call) =>
      send(
        {
          operation: 'list',
          scope,
          subject: scopeKey(scope),
          effect: fault => pageOf(world, scope, query, fault === 'partial'),
        },
        call,
      ),
    ping: (scope, call) =>
      send({ operation: 'describe', scope, subject: scopeKey(scope), effect: () => {} }, call),
    remains: (ref, by, call) =>
      send({ ...about(ref, 'describe'), effect: () => remainsOf(world, ref, by) }, call),
    named: (scope, name, call) =>
      send(
        {
          operation: 'describe',
          scope,
          subject: name,
          effect: () =>
            everyCurrent(world.state).find(resource => resource.name === name && isAt(resource, scope)),
        },
        call,
      ),
    terminate: (ref, by, call) =>
      send(
        { ...about(ref, 'terminate'), effect: () => endOf(world, owned(world, ref, by, 'terminate')) },
        call,
      ),
    retag: (ref, by, change, call) =>
      send(
        {
          ...about(ref, 'mark'),
          effect: () => {
            const found = owned(world, ref, by, 'mark')
            put(world.state, cloudNow(world), { ...found, tags: change(found.tags) })
            followExpiry(world, found.id)
          },
        },
        call,
      ),
    upload: (scope, key, call) => send({ operation: 'mark', scope, subject: key, effect: () => {} }, call),
    guard: (ref, by, call) =>
      send(
        {
          ...about(ref, 'mark'),
          effect: () =>
            put(world.state, cloudNow(world), { ...owned(world, ref, by, 'mark'), isGuarded: true }),
        },
        call,
      ),
    console: (ref, by, call) =>
      send(
        {
          ...about(ref, 'console'),
          effect: () => world.state.consoles.get(owned(world, ref, by, 'console').id) ?? '',
        },
        call,
      ),
  }
}

function remainsOf(world: World, { id, scope }: ResourceRef, by: string): readonly SimResource[] {
  const found = current(world.state, id)
  if (found !== undefined && ownerOf(found) !== by)
    throw simFault('NotOwned', `${id} is not tagged as ${by}'s`)
  return [found ?? [], attachedTo(world, id)]
    .flat()
    .filter(resource => isAt(resource, scope) && ownerOf(resource) === by && resource.status !== 'ended')
}

function about({ kind, id, scope }: ResourceRef, operation: Operation) {
  return { operation, scope, subject: `${kind} ${id}` }
}

function isAt({ scope }: SimResource, place: Scope): boolean {
  return scopeKey(scope) === scopeKey(place)
}

/** The resource, where it is there and `by` is its owner. */
function owned(
  world: World,
  { id, kind, scope }: ResourceRef,
  by: string,
  operation: Operation,
): SimResource {
  const found = current(world.state, id)
  if (found === undefined || found.kind !== kind || !isAt(found, scope)) {
    throw simFault('NotFound', `there is no ${kind} ${id} in ${scopeKey(scope)}`)
  }
  if (ownerOf(found) === by) return found
  world.ledger.foreign.push({ at: cloudNow(world), by, operation, id })
  throw simFault('NotOwned', `${kind} ${id} is not tagged as ${by}'s`)
}

function endOf(world: World, { id, kind, status, instanceId }: SimResource): 'deleting' | 'ended' {
  if (status === 'ended') return 'ended'
  if (kind === 'instance') {
    happen(world, cloudNow(world), id, 'delete')
    return 'deleting'
  }
  const holder = instanceId === undefined ? undefined : current(world.state, instanceId)
  if (holder !== undefined && holder.status !== 'ended') {
    throw simFault('InUse', `${kind} ${id} is in use by ${holder.id}`)
  }
  drop(world.state, cloudNow(world), id)
  return 'ended'
}

function followExpiry({ ledger, state }: World, id: string): void {
  const expiresAt = current(state, id)?.tags[tagNames.expiresAt]
  const life = ledger.lives.get(id)
  if (life !== undefined && expiresAt !== undefined) life.expiresAt = Number(expiresAt) * 1000
}

function pageOf(world: World, scope: Scope, query: Query, isTorn: boolean): Page {
  const { traits, knobs, dice, state, ledger } = world
  const { owner, kinds, launchId, after = '' } = query
  const lag = traits.listing === 'eventual' ? knobs.lagMs : ([0, 0] as const)
  const now = cloudNow(world)
  const shown = [...state.records.keys()].map(id => [id, asOf(state, id, now - dice.within(lag))] as const)
  if (shown.some(([id, resource]) => resource !== current(state, id))) countFault(ledger, 'list lagging')
  const found = shown
    .flatMap(([, resource]) => resource ?? [])
    .filter(
      resource =>
        resource.id > after &&
        isAt(resource, scope) &&
        ownerOf(resource) === owner &&
        (kinds === undefined || kinds.includes(resource.kind)) &&
        (launchId === undefined || resource.tags[tagNames.launchId] === launchId),
    )
    .sort((one, two) => (one.id < two.id ? -1 : 1))
  const items = found.slice(0, traits.pageSize)
  const next = found.length > items.length ? items.at(-1)?.id : undefined
  if (isTorn) return { items: items.slice(0, 1), isTorn }
  return { items, ...(next !== undefined && { next }) }
}
