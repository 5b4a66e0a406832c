import { tagNames } from '@agentctl/contract'
import { countFault } from './ledger.ts'
import {
  current,
  drop,
  type EventName,
  enqueue,
  everyCurrent,
  prune,
  put,
  type SimResource,
  type SimStatus,
} from './state.ts'
import { cloudNow, type World } from './world.ts'

const PRUNE_MS = 60_000

interface Edge {
  /** `any`: even one that a test has made up. */
  readonly from: readonly SimStatus[] | 'any'
  /** `rest`: what is left after a power-off, by the cloud's traits. */
  readonly to: SimStatus | 'rest' | 'absent'
  readonly change?: Partial<SimResource>
}

const up = ['provisioning', 'active'] as const satisfies readonly SimStatus[]

const edges: Readonly<Record<EventName, Edge>> = {
  boot: { from: ['provisioning'], to: 'active' },
  break: { from: ['provisioning'], to: 'broken', change: { fault: 'the host of this instance has failed' } },
  'power-off': { from: up, to: 'halting' },
  reclaim: {
    from: up,
    to: 'halting',
    change: { isReclaimed: true, fault: 'taken back by the spot market' },
  },
  deadline: { from: up, to: 'halting', change: { fault: 'the platform ended it at its deadline' } },
  rest: { from: ['halting'], to: 'rest' },
  delete: { from: 'any', to: 'deleting' },
  erased: { from: ['deleting'], to: 'ended' },
  forgotten: { from: ['ended'], to: 'absent' },
}

/** Something happens to a resource by itself, at a time of the cloud's clock. */
export function plan(world: World, at: number, id: string, event: EventName): void {
  enqueue(world.state, { at, id, event })
  world.wakeAt?.(at - world.knobs.skewMs)
}

/** Lets everything happen that was due by now, in order. */
export function catchUp(world: World): void {
  const now = cloudNow(world)
  const { agenda } = world.state
  for (let due = agenda[0]; due !== undefined && due.at <= now; due = agenda[0]) {
    agenda.shift()
    happen(world, due.at, due.id, due.event)
  }
  if (now - world.prunedAt < PRUNE_MS) return
  world.prunedAt = now
  prune(world.state, now - PRUNE_MS - world.knobs.lagMs[1])
  const launches = new Set(
    [...world.state.records.values()].map(([first]) => first?.resource?.launchKey ?? ''),
  )
  for (const key of world.userData.keys()) if (!launches.has(key)) world.userData.delete(key)
}

/** An event takes place, where the resource is in a status that it can take place in. */
export function happen(world: World, at: number, id: string, event: EventName): void {
  const before = current(world.state, id)
  const { from, to, change } = edges[event]
  if (before === undefined || before.status === to) return
  if (from !== 'any' && !(from as readonly string[]).includes(before.status)) return
  if (before.isUndeletable && event === 'erased') {
    countFault(world.ledger, 'undeletable')
    const life = world.ledger.lives.get(id)
    if (life) life.isKept = true
    return
  }
  const status = to === 'rest' ? restOf(world) : to
  if (status === 'absent') {
    drop(world.state, at, id)
    return
  }
  const after = { ...before, ...change, status }
  put(world.state, at, after)
  if (event === 'break') countFault(world.ledger, event)
  if (event === 'reclaim') countFault(world.ledger, `reclaim ${before.status}`)
  follow(world, at, after)
  if (status === 'active') world.hooks.booted?.(after)
  if ((up as readonly string[]).includes(before.status) && status !== 'active') world.hooks.stopped?.(after)
}

function restOf({ traits }: World): SimStatus {
  return traits.poweroff === 'deletes' ? 'ended' : 'halted'
}

/** What a status brings with it. */
function follow(world: World, at: number, { id, status }: SimResource): void {
  const { knobs, dice, traits } = world
  const life = world.ledger.lives.get(id)
  if (life && status === 'halted') life.restedAt ??= at
  if (life && status === 'deleting') life.endAskedAt ??= at
  if (status === 'halting') plan(world, at + dice.within(knobs.haltMs), id, 'rest')
  if (status === 'deleting') {
    const deleteMs = dice.within(knobs.deleteMs)
    if (deleteMs >= 60_000) countFault(world.ledger, 'delete that takes minutes')
    plan(world, at + deleteMs, id, 'erased')
  }
  if (status === 'halted' && traits.poweroff !== 'stops-and-bills') closeLife(world, at, id)
  if (status !== 'ended') return
  closeLife(world, at, id)
  dropAuxiliary(world, at, id)
  if (traits.endedShownMs > 0) plan(world, at + traits.endedShownMs, id, 'forgotten')
  else drop(world.state, at, id)
}

function dropAuxiliary(world: World, at: number, instanceId: string): void {
  for (const { id, kind, isSticky } of attachedTo(world, instanceId)) {
    if (isSticky) countFault(world.ledger, `leftover ${kind}`)
    else drop(world.state, at, id)
  }
}

/** What was made along with an instance and is still there. */
export function attachedTo({ state }: World, instanceId: string): readonly SimResource[] {
  return everyCurrent(state).filter(resource => resource.instanceId === instanceId)
}

function closeLife({ ledger }: World, at: number, id: string): void {
  const life = ledger.lives.get(id)
  if (life !== undefined) life.to ??= at
}

/** `owner` as the tags say, empty without. */
export function ownerOf({ tags }: SimResource): string {
  return tags[tagNames.owner] ?? ''
}
