import type { HostSeen } from '@agentctl/contract'
import { journalOf } from '../coordination/mirror.ts'
import { poolSubject } from '../coordination/works.ts'
import { type Present, presentOf } from '../history/present.ts'
import type { Journal } from '../journal/journal.ts'
import { runsOver } from '../journal/run.ts'
import type { Context } from './context.ts'
import { livesToShow } from './host-facts.ts'
import { openCoordinator } from './open-coordinator.ts'
import { ownJournal } from './shared-records.ts'

/** A host writes down how long a queue is when that has changed, and each 20 minutes anyway. Unit: milliseconds. */
const queuesMs = 25 * 60_000

/** What is under way, and who looks after it. */
export interface Top extends Present {
  readonly owner: string
  readonly now: number
  /** Those that share a coordinator; null where this host is alone. */
  readonly hosts: readonly HostSeen[] | null
  /** Commands of this host that launch and end machines now; none is told where hosts share a coordinator. */
  readonly commands: readonly string[]
}

/** Looks at the same thing again and again. */
export interface TopLooks extends AsyncDisposable {
  /** Reads what was written down, and asks neither clouds nor the hub. @throws `unavailable` */
  look(): Promise<Top>
}

/** @throws what {@link openCoordinator} does */
export async function openTop(context: Context): Promise<TopLooks> {
  if (!context.settings.coordinator) {
    return { look: async () => topOfThisHost(context), [Symbol.asyncDispose]: async () => undefined }
  }
  const { clock } = context.effects
  const coordinator = await openCoordinator(context)
  return {
    async look() {
      const since = clock.now() - queuesMs
      const [hosts, records] = await Promise.all([coordinator.hosts(), coordinator.history({ since })])
      using journal = journalOf(records, clock.now)
      const shown = livesToShow(hosts)
      const hostsOf = (pool: string) =>
        shown.filter(one => one.isAlive && holds(one, poolSubject(pool))).map(one => one.host)
      return { ...top(context, journal, hostsOf), hosts: shown, commands: [] }
    },
    [Symbol.asyncDispose]: () => coordinator[Symbol.asyncDispose](),
  }
}

function holds({ works }: HostSeen, subject: string): boolean {
  return works.some(({ subjects }) => subjects.includes(subject))
}

/** By the journal of this host, where it has one. */
function topOfThisHost(context: Context): Top {
  const { clock, isAlive } = context.effects
  using own = ownJournal(context)
  using empty = journalOf([], clock.now)
  const journal = own ?? empty
  const isOver = runsOver(journal, { now: clock.now(), isAlive })
  const commands = journal.runs().flatMap(({ runId, command }) => (isOver(runId) ? [] : command))
  return { ...top(context, journal, undefined), hosts: null, commands }
}

function top(
  { settings, effects }: Context,
  journal: Journal,
  hostsOf: ((pool: string) => readonly string[]) | undefined,
) {
  const now = effects.clock.now()
  const { units, launches, breakers, hubLimits } = journal.memory([])
  const present = presentOf({
    ...{ units, launches, breakers, hubLimits, now },
    jobs: journal.jobs([]),
    queues: journal.lastQueues(),
    pools: new Map(Object.values(settings.pools).map(({ name, capacity }) => [name, capacity.max])),
    ...(hostsOf && { hostsOf }),
  })
  return { owner: settings.owner, now, ...present }
}
