import { createHash } from 'node:crypto'
import { type Offering, type ResourceKind, scopeKey, type Tags, tagNames } from '@agentctl/contract'
import type { FaultKind } from './knobs.ts'
import { countFault } from './ledger.ts'
import { type SimFault, simFault } from './sim-fault.ts'
import { current, everyCurrent, put, type SimResource } from './state.ts'
import { ownershipOf } from './tags.ts'
import { happen, ownerOf, plan } from './timeline.ts'
import { cloudNow, type World } from './world.ts'

/** What a launch call sends. */
export interface LaunchOrder {
  readonly by: string
  readonly launchId: string
  readonly offering: Offering
  readonly count: number
  readonly tags: Tags
  readonly userData: Uint8Array
  /** Left out, the knob says. */
  readonly bootMs?: number
  /** The guest powers off this long after its boot; left out, it stays up. */
  readonly jobMs?: number
}

export interface LaunchAnswer {
  readonly instances: readonly SimResource[]
  /** Why fewer came than were ordered. */
  readonly short?: SimFault
}

const alive: readonly string[] = ['provisioning', 'active', 'halting']
const letters: Readonly<Record<ResourceKind, string>> = {
  instance: 'i',
  disk: 'd',
  interface: 'n',
  address: 'a',
  'spot-request': 's',
}

/** The cloud takes a launch, or throws why not. The same token and request give the same instances. */
export function acceptLaunch(
  world: World,
  order: LaunchOrder,
  fault?: FaultKind,
  cutTo?: number,
): LaunchAnswer {
  const { traits, state } = world
  const zone = traits.zoneScopedTokens ? order.offering.zone : ''
  const key = `${scopeKey(order.offering.scope)}/${zone}/${order.launchId}`
  const print = fingerprint(order)
  if (traits.idempotency === 'token') {
    const token = state.tokens.get(key)
    if (token !== undefined) return repeated(world, order, token.fingerprint === print, token.ids)
  }
  if (traits.idempotency === 'name') refuseTakenNames(world, order)
  const { count, short } = roomFor(world, order, fault, cutTo)
  if (fault === 'half-made') {
    make(world, order, key, 0, 'broken')
    throw simFault('StockOut', `no host was found for ${order.offering.id} after its disk was made`)
  }
  world.userData.set(key, order.userData)
  const instances = Array.from({ length: count }, (_, index) => make(world, order, key, index))
  const ids = instances.map(({ id }) => id)
  if (traits.idempotency === 'token') state.tokens.set(key, { fingerprint: print, ids })
  const { by, launchId, offering } = order
  world.ledger.launches.push({ at: cloudNow(world), by, launchId, offeringId: offering.id, ids })
  return { instances, ...(short && { short }) }
}

function repeated(world: World, order: LaunchOrder, isSame: boolean, ids: readonly string[]): LaunchAnswer {
  if (!isSame) throw simFault('TokenMismatch', `${order.launchId} was used for another request`)
  const instances = ids.flatMap(id => current(world.state, id) ?? [])
  if (instances.some(({ status }) => alive.includes(status))) return { instances }
  throw simFault('TokenSpent', `every instance of ${order.launchId} has ended`)
}

function refuseTakenNames({ state }: World, order: LaunchOrder): void {
  const names = new Set(Array.from({ length: order.count }, (_, index) => nameOf(order.launchId, index)))
  const here = scopeKey(order.offering.scope)
  const taken = everyCurrent(state).find(
    ({ name, scope, status }) =>
      name !== undefined && names.has(name) && scopeKey(scope) === here && status !== 'ended',
  )
  if (taken !== undefined) throw simFault('NameTaken', `the name ${taken.name} is taken`)
}

export function nameOf(launchId: string, index: number): string {
  return `${launchId}-${index}`
}

function roomFor(
  world: World,
  { offering, count }: LaunchOrder,
  fault: FaultKind | undefined,
  cutTo = count - 1,
): { count: number; short?: SimFault } {
  const { knobs, state } = world
  const here = everyCurrent(state).filter(
    ({ kind, status, scope }) =>
      kind === 'instance' && alive.includes(status) && scopeKey(scope) === scopeKey(offering.scope),
  )
  const stock = fault === 'stock-out' ? 0 : (knobs.stock[offering.id] ?? Number.POSITIVE_INFINITY)
  const inStock = stock - here.filter(({ offeringId }) => offeringId === offering.id).length
  const inQuota = fault === 'quota' ? 0 : knobs.quota - knobs.strangers - here.length
  const room = Math.min(count, inStock, inQuota, fault === 'short' ? cutTo : count)
  if (room >= count) return { count }
  if (fault === undefined) countFault(world.ledger, `no room: ${limitOf(world, inStock, inQuota)}`)
  const [code, why] =
    inQuota < Math.min(count, inStock)
      ? (['QuotaExceeded', `quota of ${knobs.quota} instances in ${scopeKey(offering.scope)}`] as const)
      : (['StockOut', `no capacity for ${offering.id}`] as const)
  const short = simFault(code, `${why}: ${count} asked for, ${Math.max(0, room)} to be had`)
  if (room < 1) throw short
  return { count: room, short }
}

function limitOf({ knobs }: World, inStock: number, inQuota: number): string {
  if (inStock <= inQuota) return 'stock'
  return knobs.strangers > 0 ? 'quota shared with strangers' : 'quota'
}

function make(
  world: World,
  order: LaunchOrder,
  key: string,
  index: number,
  status = 'provisioning',
): SimResource {
  const { offering, tags, launchId } = order
  const { knobs, dice, traits } = world
  const base = {
    scope: offering.scope,
    tags,
    createdAt: cloudNow(world),
    launchKey: key,
    unitIndex: index,
    offeringId: offering.id,
    zone: offering.zone,
    market: offering.market,
  }
  const instance: SimResource = {
    ...base,
    kind: 'instance',
    id: nextId(world, 'instance'),
    status,
    ...(traits.idempotency === 'name' && status !== 'broken' && { name: nameOf(launchId, index) }),
    ...(dice.hits(knobs.undeletableChance) && { isUndeletable: true }),
  }
  put(world.state, base.createdAt, instance)
  openLife(world, instance)
  for (const kind of traits.auxiliary) {
    const isSticky = dice.hits(knobs.leftovers[kind] ?? 0)
    const id = nextId(world, kind)
    put(world.state, base.createdAt, {
      ...{ ...base, kind, id, status: 'active', instanceId: instance.id },
      ...(isSticky && { isSticky }),
    })
  }
  if (status === 'provisioning') planLife(world, instance, order)
  return instance
}

/** All that will happen to the instance by itself. */
function planLife(world: World, { id, createdAt, market }: SimResource, order: LaunchOrder): void {
  const { knobs, dice, traits } = world
  const bootAt = createdAt + (order.bootMs ?? dice.within(knobs.bootMs))
  plan(world, bootAt, id, dice.hits(knobs.breakChance) ? 'break' : 'boot')
  if (order.jobMs !== undefined) plan(world, bootAt + order.jobMs, id, 'power-off')
  if (market === 'spot' && dice.hits(knobs.reclaim.chance)) {
    plan(world, createdAt + dice.within(knobs.reclaim.afterMs), id, 'reclaim')
  }
  const expiresAt = world.ledger.lives.get(id)?.expiresAt
  if (traits.platformTtl && expiresAt !== undefined) plan(world, expiresAt, id, 'deadline')
}

function openLife(world: World, instance: SimResource): void {
  const owner = ownerOf(instance)
  const ownership = ownershipOf(instance, owner)
  if (owner === '' || ownership === undefined) world.ledger.ownerless.push(instance.id)
  const unit = ownership?.units.find(({ index }) => index === instance.unitIndex)
  world.ledger.lives.set(instance.id, {
    id: instance.id,
    owner,
    launchId: instance.tags[tagNames.launchId] ?? '',
    ...(unit && { unitName: unit.name }),
    ...(unit?.jobId !== undefined && { jobId: unit.jobId }),
    ...(instance.status === 'broken' && { isBroken: true as const }),
    from: instance.createdAt,
    expiresAt: ownership?.expiresAt ?? Number.POSITIVE_INFINITY,
  })
}

/** Ends in letters of a hash, so that a changed id is nobody's. */
export function nextId({ state }: World, kind: ResourceKind): string {
  state.sequence += 1
  const tail = createHash('sha256').update(String(state.sequence)).digest('hex').slice(0, 6)
  return `${letters[kind]}-${state.sequence.toString(16).padStart(6, '0')}${tail}`
}

function fingerprint({ offering, count, tags, userData, bootMs, jobMs }: LaunchOrder): string {
  const data = createHash('sha256').update(userData).digest('hex')
  return createHash('sha256')
    .update(JSON.stringify([offering.id, count, tags, data, bootMs, jobMs]))
    .digest('hex')
}

/** Something of nobody's, which counts for nothing but must never be touched. */
export function makeForeign(world: World, offering: Offering): SimResource {
  const order = { by: '', launchId: '', offering, count: 1, tags: {}, userData: new Uint8Array() }
  const instance = make(world, order, `foreign/${world.state.sequence}`, 0)
  world.ledger.ownerless.pop()
  world.ledger.lives.delete(instance.id)
  happen(world, instance.createdAt, instance.id, 'boot')
  return instance
}
