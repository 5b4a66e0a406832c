import type { Changes, Coordinator, CoordinatorDeps, Tenure } from '@agentctl/contract'
import { admit, throttle } from './buckets.ts'
import { changedSince, forget, ofJobs, openOf, recalled, write } from './records.ts'
import { type CoordinatorState, type Hold, type LifeState, nextNumber, ownerIn } from './state.ts'
import { type CoordinatorNet, count, type SendToCoordinator } from './wire.ts'
import { free, grant, isAlive, type Moment, offer, offeredIn, seenHosts, takersOf } from './works.ts'

export interface Shared {
  readonly net: CoordinatorNet
  readonly state: CoordinatorState
}

/** The coordinator as one life of a host has it. */
export function lifeOn(shared: Shared, deps: CoordinatorDeps, send: SendToCoordinator): Coordinator {
  const { net, state } = shared
  const { owner, host, version } = deps
  const own = ownerIn(state, owner)
  const now = () => net.clock.now()
  const moment = (): Moment => ({ now: now(), silentMs: net.knobs.silentMs })
  const life: LifeState = { id: nextNumber(state), host, version, startedAt: now(), machines: 0, aheadMs: 0 }
  /** Holds that it knows of. */
  const known = new Map<string, Hold>()
  let takes = 0
  return {
    offer: works => send('offer', () => offer(own, works, now())),
    async beat({ machines }) {
      const { lost, ...beat } = await send('beat', () => {
        own.lives.set(life.id, life)
        if (takes === 0) giveUpUnknown()
        Object.assign(life, { seenAt: now(), machines, aheadMs: now() - deps.clock.now() })
        return {
          aheadMs: life.aheadMs,
          isDraining: own.drained.has(host),
          takers: takersOf(own, moment()),
          works: offeredIn(own, now()).length,
          lost: [...known.values()].filter(({ work, token }) => own.holds.get(work.name)?.token !== token),
        }
      })
      for (const { work, token } of lost) if (known.get(work.name)?.token === token) known.delete(work.name)
      return { ...beat, lost: lost.map(({ work }) => work.name) }
    },
    async take() {
      takes += 1
      try {
        const hold = await send('take', () => {
          // An answer that was lost gave it something that it does not know of.
          if (takes === 1) giveUpUnknown()
          return takenBy(shared, owner, life, moment())
        })
        if (hold === undefined) return undefined
        known.set(hold.work.name, hold)
        return tenureOf(shared, owner, hold, known, send)
      } finally {
        takes -= 1
      }
    },
    admit: (bucket, rate, waitMsMax) =>
      send('admit', () => {
        const waitMs = admit(state.buckets, bucket, rate, waitMsMax, now())
        if (waitMs <= waitMsMax) count(net, `token ${bucket}`)
        return waitMs
      }),
    throttled: (bucket, rate, retryAfterMs) =>
      send('throttled', () => throttle(state.buckets, bucket, rate, retryAfterMs, now())),
    hosts: () => send('hosts', () => seenHosts(own, moment())),
    drain: (name, isDraining) =>
      send('drain', () => {
        if (![...own.lives.values()].some(one => one.host === name)) return false
        own.drained[isDraining ? 'add' : 'delete'](name)
        return true
      }),
    history: wanted =>
      send('history', () => {
        if ('since' in wanted) return changedSince(own, wanted.since)
        if ('jobId' in wanted) return ofJobs(own, id => id === wanted.jobId)
        return ofJobs(own, id => id.startsWith(wanted.jobPrefix))
      }),
    [Symbol.asyncDispose]: async () => {},
  }

  function giveUpUnknown(): void {
    for (const [name, hold] of own.holds) {
      if (hold.life !== life.id || known.get(name)?.token === hold.token) continue
      own.holds.delete(name)
      count(net, 'a work that its host did not know of was given up')
    }
  }
}

function takenBy({ net, state }: Shared, owner: string, life: LifeState, moment: Moment): Hold | undefined {
  const own = ownerIn(state, owner)
  if (!isAlive(life, moment) || own.drained.has(life.host)) return undefined
  const [first, ...rest] = free(own, moment)
  if (first === undefined) return undefined
  const { work, ending } = net.dice.pick([first, ...rest])
  for (const hold of ending) {
    own.holds.delete(hold.work.name)
    count(net, 'a work was taken from a silent host')
  }
  const hold = { token: nextNumber(state), life: life.id, work }
  own.holds.set(work.name, hold)
  count(net, 'a work was taken')
  return hold
}

function tenureOf(
  { net, state }: Shared,
  owner: string,
  hold: Hold,
  known: Map<string, Hold>,
  send: SendToCoordinator,
): Tenure {
  const own = ownerIn(state, owner)
  const { work, token } = hold
  const isHeld = () => own.holds.get(work.name)?.token === token
  const commit = ({ saved, removed }: Changes) => {
    const hasChanges = saved.length + removed.length > 0
    if (!isHeld()) {
      if (hasChanges) count(net, 'changes of who had lost the work were refused')
      return 'lost' as const
    }
    write(own, { saved, removed })
    return 'kept' as const
  }
  return {
    work,
    load: () => send('load', () => openOf(own, work.subjects)),
    recall: ({ wants, launchIds }) => send('recall', () => recalled(own, wants, launchIds)),
    commit: changes => send('commit', () => commit(changes)),
    forget: before => send('forget', () => (isHeld() ? forget(own, work.subjects, before) : 0)),
    grant: (wanted, max) => send('grant', () => (isHeld() ? grant(own, work.name, wanted, max) : 0)),
    async release(afterMs = 0) {
      await send('release', () => {
        const offered = own.works.get(work.name)
        if (!isHeld() || offered === undefined) return
        own.holds.delete(work.name)
        own.works.set(work.name, { ...offered, notBefore: net.clock.now() + afterMs })
      })
      if (known.get(work.name) === hold) known.delete(work.name)
    },
  }
}
