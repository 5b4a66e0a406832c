import { contractError } from '@agentctl/contract'
import { type Listening, listen } from '../effects/http-listen.ts'
import { messageOf } from '../errors/message.ts'
import type { CapacityTick } from '../operations/capacity.ts'
import type { CallSeen } from '../operations/context.ts'
import { openInstruments } from './metrics/instruments.ts'
import { newPast, seeCall, seeTick } from './metrics/seen.ts'
import { openPage } from './page/page.ts'

/** Healthy is who has completed a look within this time. Unit: milliseconds. */
const healthyMs = 5 * 60_000

export interface Exporter extends AsyncDisposable {
  readonly address: string
  readonly see: (tick: CapacityTick, tookMs: number) => void
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
  const past = newPast(lastAt)
  const page = openPage({ owner, token, address: () => address })
  const listening = await listenOn(address, async asked => {
    const { path } = asked
    if (path === '/metrics') {
      return { status: 200, type: on.registry.contentType, body: await on.registry.metrics() }
    }
    if (path !== '/healthz') return page.answer(asked)
    const ageS = Math.round((now() - lastAt) / 1000)
    const isHealthy = now() - lastAt <= healthyMs
    return { status: isHealthy ? 200 : 503, type: 'text/plain', body: `last look ${ageS} s ago\n` }
  })
  return {
    address: listening.address,
    trouble: () => on.ticks.inc({ outcome: 'failed' }),
    onCall: call => seeCall(on, call),
    see(tick, tookMs) {
      seeTick(on, tick, tookMs, past)
      page.see(tick)
      lastAt = now()
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
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
