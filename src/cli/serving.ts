import { stampOf } from '../effects/files.ts'
import { openNotify } from '../effects/notify.ts'
import { leave } from '../effects/process.ts'
import { listenForStop } from '../effects/signals.ts'
import type { ServeRequest } from '../operations/capacity-serve.ts'
import type { Context } from '../operations/context.ts'
import { readPageToken } from '../operations/page-token.ts'
import { openExporter } from './exporter.ts'
import { isLoopback } from './page/gate.ts'
import { type Teller, tellerOf } from './teller.ts'

export interface ServingOptions {
  readonly only: string | undefined
  /** `none`, or host:port. */
  readonly address: string
  /** Reference to the token of the page, such as env:NAME. */
  readonly pageToken: string | undefined
  /** Whether SIGHUP means that the terminal was closed, rather than that the configuration is to be loaded anew. */
  readonly isOnTerminal: boolean
  readonly load: () => Promise<Context>
  readonly say: (line: string) => void
}

export type Serving = ServeRequest &
  Teller &
  AsyncDisposable & {
    /** The same context, whose calls are counted. */
    readonly watched: (context: Context) => Context
  }

/** Signals, the file's changes, systemd and Prometheus, for a loop that knows none of them. */
export async function openServing(
  context: Context,
  { only, address, pageToken, isOnTerminal, load, say }: ServingOptions,
): Promise<Serving> {
  const { configFile: file, settings } = context
  const { clock, env } = context.effects
  await using stack = new AsyncDisposableStack()
  const token = pageToken === undefined ? undefined : await readPageToken(context, pageToken)
  const options = { address, now: clock.now, owner: settings.owner, token }
  const exporter = address === 'none' ? undefined : stack.use(await openExporter(options))
  if (exporter) {
    say(`Metrics and health on http://${exporter.address}/metrics and /healthz`)
    const hasPage = token !== undefined || isLoopback(exporter.address)
    say(
      hasPage
        ? `The page is http://${exporter.address}/`
        : 'No page, for others reach this address: --page-token',
    )
  }
  const notify = openNotify(env)
  const wake = new AbortController()
  let nudge = new AbortController()
  let isHungUp = false
  let stamp = file === undefined ? '' : stampOf(file)
  const stop = listenForStop(
    (signal, count) => {
      if (count > 1) leave(0)
      say(`${signal}: the look under way is the last one; what runs goes on, each to its own deadline.`)
      void notify.tell('STOPPING=1')
      wake.abort()
    },
    isOnTerminal ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT'],
  )
  stack.use(stop)
  const hangUp = listenForStop(
    () => {
      isHungUp = true
      nudge.abort()
    },
    isOnTerminal ? [] : ['SIGHUP'],
  )
  stack.use(hangUp)
  const watched = (one: Context) => (exporter ? { ...one, onCall: exporter.onCall } : one)
  const owned = stack.move()
  return {
    watched,
    ...tellerOf({ clock, exporter, notify, say }),
    only,
    wake: wake.signal,
    nudge() {
      nudge = new AbortController()
      if (isHungUp) nudge.abort()
      return nudge.signal
    },
    async renewed() {
      const now = file === undefined ? '' : stampOf(file)
      if (!isHungUp && now === stamp) return undefined
      isHungUp = false
      stamp = now
      return watched(await load())
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
