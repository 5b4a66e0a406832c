import type { Answer, Asked, Endless } from '../../effects/http-listen.ts'
import type { CapacityTick } from '../../operations/capacity.ts'
import type { HostFacts } from '../../operations/host-facts.ts'
import { nothingYet, pageDocument, pageHeaders } from '../../views/page/document.ts'
import { hostsSection, hostTrouble } from '../../views/page/hosts.ts'
import { troubleList } from '../../views/page/html.ts'
import { decisionsOf, type Sections, sectionsOf, type Told } from '../../views/page/sections.ts'
import { gateOf } from './gate.ts'

/** Browsers that are told at once; each holds a connection. */
const listenersMax = 50
/** Decisions that are remembered for those who come later. */
const toldMax = 50

export interface PageOptions {
  readonly owner: string
  readonly token: string | undefined
  /** Where it is listened, once that is known. */
  readonly address: () => string
}

/** The page of `capacity serve`: the whole of it at `/`, and what changes at `/events`. */
export interface ServedPage {
  answer(asked: Asked): Answer | Endless | undefined
  see(tick: CapacityTick): void
  seeHost(facts: HostFacts): void
}

type Listener = (text: string) => void

export function openPage({ owner, token, address }: PageOptions): ServedPage {
  const listeners = new Set<Listener>()
  let sections: Sections = nothingYet
  let told: readonly Told[] = []
  let tick: CapacityTick | undefined
  let host: HostFacts | undefined

  const events = (): Answer | Endless => {
    if (listeners.size >= listenersMax) return plain(503, 'too many pages are open\n')
    return {
      type: 'text/event-stream',
      headers: pageHeaders,
      begin(send, gone) {
        listeners.add(send)
        gone.addEventListener('abort', () => listeners.delete(send))
        send(eventOf(sections))
      },
    }
  }

  function show(next: Sections): void {
    const changed = Object.entries(next).filter(([id, html]) => html !== sections[id as keyof Sections])
    sections = next
    const event = eventOf(Object.fromEntries(changed))
    for (const send of listeners) send(event)
  }

  return {
    answer(asked) {
      if (asked.path !== '/' && asked.path !== '/events') return undefined
      const gate = gateOf(asked, { address: address(), token })
      if (gate !== 'open') return refusals[gate]
      if (asked.path === '/events') return events()
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: pageDocument(owner, sections),
        headers: pageHeaders,
      }
    },
    see(seen) {
      tick = seen
      told = [...decisionsOf(tick).toReversed(), ...told].slice(0, toldMax)
      show(sectionsOf(tick, told, host))
    },
    seeHost(facts) {
      host = facts
      show(tick ? sectionsOf(tick, told, host) : before(host))
    },
  }
}

/** Of a host whose first look is still to come. */
function before(host: HostFacts): Sections {
  const lines = hostTrouble(host)
  const trouble = lines.length > 0 ? troubleList(lines) : nothingYet.trouble
  return { ...nothingYet, hosts: hostsSection(host), trouble }
}

function eventOf(sections: Partial<Sections>): string {
  return `event: sections\ndata: ${JSON.stringify(sections)}\n\n`
}

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'text/plain', body, headers: { ...pageHeaders, ...headers } }
}

const refusals = {
  foreign: plain(421, 'This address is called by a name that is not its own.\n'),
  closed: plain(401, 'The page needs its token, as the password.\n', {
    'www-authenticate': 'Basic realm="agentctl", charset="UTF-8"',
  }),
  absent: plain(403, 'On an address that others reach, the page needs --page-token.\n'),
} as const
