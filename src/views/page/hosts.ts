import { redact } from '../../errors/redact.ts'
import { freeWorks, type HostFacts, type HostState, statesOf } from '../../operations/host-facts.ts'
import { span } from '../table.ts'
import { type Cell, htmlTable } from './html.ts'

/** Works of a host that are named in its row. */
const namedMax = 6
/** A clock that is further off is worth a word. Unit: milliseconds. */
const clockOffMs = 5_000

const tones: Readonly<Record<HostState, Cell['tone']>> = { alive: 'good', draining: 'wait', silent: 'bad' }

/** The hosts that share a coordinator, as they were listed last. Pure. */
export function hostsSection({ hosts, host }: HostFacts): string {
  if (!hosts) return '<h2>Hosts</h2><p>They are not listed yet.</p>'
  const rows = statesOf(hosts).map(([one, state]): readonly (string | Cell)[] => [
    one.host === host ? `${one.host} (this one)` : one.host,
    { text: state, tone: tones[state] },
    worksCell(one.works.map(work => work.name)),
    String(one.machines),
    new Date(one.seenAt).toISOString().slice(11, 19),
    one.version,
  ])
  return `<h2>Hosts</h2>${htmlTable('Hosts', ['Host', 'State', 'Works', 'Machines', 'Last beat', 'Version'], rows)}`
}

function worksCell(names: readonly string[]): Cell {
  if (names.length <= namedMax) return { text: names.join(', ') || 'none' }
  const rest = names.length - namedMax
  return { text: `${names.slice(0, namedMax).join(', ')} and ${rest} more`, title: names.join(', ') }
}

/** What is wrong between the hosts. Pure. */
export function hostTrouble(facts: HostFacts): readonly string[] {
  const { beat, hosts = [] } = facts
  const silent = statesOf(hosts).filter(([, state]) => state === 'silent')
  const free = freeWorks(facts) ?? 0
  const off = beat instanceof Error ? 0 : -beat.aheadMs
  return [
    ...(beat instanceof Error ? [redact(`The coordinator does not answer: ${beat.message}`)] : []),
    ...silent.map(([one]) => `The host ${one.host} is silent`),
    ...(free > 0 ? [`${free} works are in no host's hands`] : []),
    ...(Math.abs(off) > clockOffMs
      ? [`The clock of this host is ${span(Math.abs(off))} ${off > 0 ? 'ahead' : 'behind'}`]
      : []),
  ]
}
