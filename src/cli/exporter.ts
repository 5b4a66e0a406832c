import { contractError } from '@agentctl/contract'
import { type Answer, type Listening, listen } from '../effects/http-listen.ts'
import { messageOf } from '../errors/message.ts'
import type { CapacityTick } from '../operations/capacity.ts'
import type { CallSeen } from '../operations/context.ts'
import { type HostFacts, unlookedMs } from '../operations/host-facts.ts'
import { seeHost } from './metrics/host.ts'
import { openInstruments } from './metrics/instruments.ts'
import { newPast, seeCall, seeTick } from './metrics/seen.ts'
import { openPage } from './page/page.ts'

/** Healthy is who has completed a look within this time. Unit: milliseconds. */
export const healthyMs = 5 * 60_000
/** Works of a host whose beats are not answered for so long may be another's, who tells of them then. Unit: milliseconds. */
const silentMs = 5_000

export interface Exporter extends AsyncDisposable {
  readonly address: string
  readonly see: (tick: CapacityTick, tookMs: number) => void
  /** Of a host among others, after each beat. Its health is that of its works, and where it has none of its beats. */
  readonly seeHost: (facts: HostFacts) => void
  readonly onCommit: (tookMs: number) => void
  readonly onCall: (call: CallSeen) => void
  readonly trouble: () => void
}

export interface ExporterOptions {
  /** Host and port. */
  readonly address: string
  readonly now: () => number
  readonly owner: string
  /** Of the page. */
  readonly token: string | undefined
}

/** The page, `/metrics` for Prometheus and `/healthz`, on an address. @throws `invalid-spec` when it cannot be had */
export async function openExporter({ address, now, owner, token }: ExporterOptions): Promise<Exporter> {
  const on = await openInstruments()
  let lastAt = now()
  let isReady = false
  let host: HostFacts | undefined
  let answeredAt = lastAt
  const past = newPast(lastAt)
  const page = openPage({ owner, token, address: () => address })
  const listening = await listenOn(address, async asked => {
    const { path } = asked
    if (path === '/metrics') {
      return { status: 200, type: on.registry.contentType, body: await on.registry.metrics() }
    }
    if (path === '/healthz') return health(now() - lastAt, true)
    return path === '/readyz' ? health(now() - lastAt, isReady) : page.answer(asked)
  })
  return {
    address: listening.address,
    trouble: () => on.ticks.inc({ outcome: 'failed' }),
    onCall: call => seeCall(on, call),
    see(tick, tookMs) {
      seeTick(on, tick, tookMs, past)
      page.see(tick)
      if (host) return seeHost(on, host)
      lastAt = now()
      isReady = true
    },
    seeHost(facts) {
      isReady = !(facts.beat instanceof Error)
      if (isReady) answeredAt = now()
      host = now() - answeredAt > silentMs ? { ...facts, held: [] } : facts
      seeHost(on, host)
      page.seeHost(host)
      lastAt = now() - unlookedMs(facts)
    },
    onCommit: tookMs => on.commitTook.observe(tookMs / 1000),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}

/** `/readyz` waits for the first look, or the first answer of the coordinator: what begins badly replaces nothing. */
function health(ageMs: number, isReady: boolean): Answer {
  const isWell = isReady && ageMs <= healthyMs
  const since = `last look ${Math.round(ageMs / 1000)} s ago\n`
  return { status: isWell ? 200 : 503, type: 'text/plain', body: isReady ? since : `not ready: ${since}` }
}

async function listenOn(address: string, answer: Parameters<typeof listen>[1]): Promise<Listening> {
  const found = /^(.+):(\d{1,5})$/.exec(address)
  const port = Number(found?.[2])
  if (!found?.[1] || port > 65_535) {
    throw contractError('invalid-spec', `--listen ${address} is no address`, {
      hint: 'Write 127.0.0.1:9464, or none.',
    })
  }
  try {
    return await listen({ host: found[1].replace(/^\[(.*)\]$/, '$1'), port }, answer)
  } catch (cause) {
    throw contractError('invalid-spec', `Cannot listen on ${address}: ${messageOf(cause)}`, {
      cause,
      hint: 'Another agentctl may be there: give --listen another port, or none.',
    })
  }
}
