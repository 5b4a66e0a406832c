import { contractError } from '@agentctl/contract'
import type { Knobs } from '@agentctl/provider-sim'
import type { Disk } from '../sim/disk.ts'
import { outage, type SimHub } from '../sim/queue.ts'
import type { Rig } from '../sim/rig.ts'
import type { Happening, Spell } from './happenings.ts'
import type { Story } from './story.ts'

const second = 1_000

export interface Meanwhile {
  /** Lets it happen, each at its time from now. Unit: milliseconds; until the last one is over. */
  begin(): number
  /** Nothing of it lasts any longer. */
  end(): void
  /** What somebody met. */
  readonly reached: ReadonlySet<string>
}

/** What of a rig there has to be for it. */
export type Stage = Pick<Rig, 'sim' | 'setClock'> & {
  readonly hub: Pick<
    SimHub,
    'jobs' | 'asked' | 'outage' | 'isStale' | 'ceiling' | 'refusals' | 'add' | 'cancel'
  >
}

const operations = ['launch', 'list', 'terminate', 'describe', 'console', 'mark'] as const

/** What the cloud answers to all, during a spell. */
const refusing: Partial<Record<Spell, Knobs['chances']>> = {
  unlisted: { list: { 'server-error': 1 } },
  'locked-out': Object.fromEntries(operations.map(one => [one, { 'bad-credentials': 1 }])),
  forbidden: Object.fromEntries(operations.map(one => [one, { 'access-denied': 1 }])),
}

const noType = () =>
  contractError('unauthenticated', 'hub.example does not know the token of the agent type s1-x', {
    hint: 'See whether the agent type was deleted, or its token reset.',
  })

/** What happens by itself while controllers act. */
export function meanwhile(
  { hub, sim, ...rig }: Stage,
  disk: Disk,
  { happenings, knobs }: Pick<Story, 'happenings' | 'knobs'>,
): Meanwhile {
  const { clock, cloud } = sim
  const reached = new Set<string>()
  const spells = new Map<Spell, number>()
  const queued = () => [...hub.jobs.values()].filter(job => job.state === 'queued')
  const asked = () => hub.asked.queue + hub.asked.agents

  /** What holds, with all the spells that last now. */
  const apply = () => {
    const refused = [...spells.keys()].map(one => refusing[one]).find(one => one !== undefined)
    cloud.turn({ chances: { ...knobs.chances, ...refused } })
    hub.outage = spells.has('outage') ? outage() : spells.has('lost-type') ? noType() : undefined
    hub.isStale = spells.has('stale')
    hub.ceiling = spells.has('refusals') ? 0 : Number.POSITIVE_INFINITY
    disk.isFull = spells.has('disk-full')
  }
  const start = (kind: Spell, forMs: number) => {
    const before = { asked: asked(), refusals: hub.refusals, full: disk.refused.full }
    spells.set(kind, clock.now() + forMs)
    apply()
    clock.schedule(clock.now() + forMs, () => {
      if ((spells.get(kind) ?? Number.POSITIVE_INFINITY) > clock.now()) return
      spells.delete(kind)
      if ((kind === 'outage' || kind === 'lost-type') && asked() > before.asked) reached.add(`hub ${kind}`)
      if (kind === 'refusals' && hub.refusals > before.refusals) reached.add('hub refusals')
      if (kind === 'disk-full' && disk.refused.full > before.full) reached.add('disk full')
      apply()
    })
  }
  const moments: Record<string, (count: number) => void> = {
    jobs: count => void hub.add(count),
    cancel: () => hub.cancel(queued().at(-1)?.id ?? ''),
    stranger: () => {
      const [job] = queued()
      if (!job) return
      job.state = 'finished'
      reached.add('job taken by another agent')
    },
    jump: count => {
      cloud.turn({ skewMs: cloud.knobs().skewMs + count * second })
      reached.add('clock jump')
    },
    'set-back': count => {
      rig.setClock(-count * second)
      reached.add('clock set back')
    },
    'write-fails': count => {
      disk.failures += count
    },
    strangers: count => cloud.turn({ strangers: count }),
  }
  const happen = (one: Happening) => {
    if ('forMs' in one) start(one.kind, one.forMs)
    else moments[one.kind]?.(one.count)
  }
  return {
    reached,
    begin() {
      for (const one of happenings) clock.schedule(clock.now() + one.atMs, () => happen(one))
      return Math.max(0, ...happenings.map(one => one.atMs + ('forMs' in one ? one.forMs : 0)))
    },
    end() {
      spells.clear()
      disk.failures = 0
      if (disk.refused.failed > 0) reached.add('write of the journal failed')
      rig.setClock(0)
      apply()
    },
  }
}
