import type { Changes, Tenure } from '@agentctl/contract'
import { forget, openOf, recalled, write } from './records.ts'
import { type CoordinatorState, type Hold, ownerIn } from './state.ts'
import { type CoordinatorNet, count, type SendToCoordinator } from './wire.ts'
import { grant } from './works.ts'

export interface Shared {
  readonly net: CoordinatorNet
  readonly state: CoordinatorState
}

/** A work in the hands of one life; `known` are those that it knows to hold. */
export function tenureOf(
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
