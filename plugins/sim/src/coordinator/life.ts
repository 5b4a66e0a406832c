import type { Coordinator, CoordinatorDeps } from '@agentctl/contract'
import { admit, throttle } from './buckets.ts'
import { historyOf } from './records.ts'
import { type Hold, type LifeState, nextNumber, ownerIn } from './state.ts'
import { type Shared, tenureOf } from './tenure.ts'
import { count, type SendToCoordinator } from './wire.ts'
import { free, isAlive, type Moment, offer, offeredIn, seenHosts, takersOf } from './works.ts'

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
    ...ratesOf(shared, send),
    hosts: () => send('hosts', () => seenHosts(own, moment())),
    drain: (name, isDraining) =>
      send('drain', () => {
        if (![...own.lives.values()].some(one => one.host === name)) return false
        own.drained[isDraining ? 'add' : 'delete'](name)
        return true
      }),
    history: wanted => send('history', () => historyOf(own, wanted)),
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

function ratesOf({ net, state }: Shared, send: SendToCoordinator): Pick<Coordinator, 'admit' | 'throttled'> {
  const now = () => net.clock.now()
  return {
    admit: (bucket, rate, waitMsMax) =>
      send('admit', () => {
        const waitMs = admit(state.buckets, bucket, rate, waitMsMax, now())
        if (waitMs <= waitMsMax) count(net, `token ${bucket}`)
        return waitMs
      }),
    throttled: (bucket, rate, retryAfterMs) =>
      send('throttled', () => throttle(state.buckets, bucket, rate, retryAfterMs, now())),
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
