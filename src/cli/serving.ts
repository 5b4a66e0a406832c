import type { ContractError } from '@agentctl/contract'
import { stampOf } from '../effects/files.ts'
import { openNotify } from '../effects/notify.ts'
import { leave } from '../effects/process.ts'
import { listenForStop } from '../effects/signals.ts'
import { renderError } from '../errors/index.ts'
import type { CapacityTick } from '../operations/capacity.ts'
import type { ServeRequest } from '../operations/capacity-serve.ts'
import type { Context } from '../operations/context.ts'
import { capacityJson } from '../views/capacity.ts'
import { capacityLines } from '../views/capacity-lines.ts'
import { openExporter } from './exporter.ts'

export interface ServingOptions {
  readonly only: string | undefined
  /** `none`, or host:port. */
  readonly address: string
  readonly load: () => Promise<Context>
  readonly say: (line: string) => void
}

export type Serving = ServeRequest & AsyncDisposable

/** Signals, the file's changes, systemd and Prometheus, for a loop that knows none of them. */
export async function openServing(
  { effects, configFile: file }: Context,
  { only, address, load, say }: ServingOptions,
): Promise<Serving> {
  const { clock, env } = effects
  await using stack = new AsyncDisposableStack()
  const exporter = address === 'none' ? undefined : stack.use(await openExporter(address, clock.now))
  if (exporter) say(`Metrics and health on http://${exporter.address}/metrics and /healthz`)
  const notify = openNotify(env)
  const wake = new AbortController()
  let nudge = new AbortController()
  let isHungUp = false
  let stamp = file === undefined ? '' : stampOf(file)
  stack.use(
    listenForStop(
      (signal, count) => {
        if (count > 1) leave(0)
        say(`${signal}: the look under way is the last one; what runs goes on, each to its own deadline.`)
        void notify.tell('STOPPING=1')
        wake.abort()
      },
      ['SIGTERM', 'SIGINT'],
    ),
  )
  stack.use(
    listenForStop(() => {
      isHungUp = true
      nudge.abort()
    }, ['SIGHUP']),
  )

  let isReady = false
  let toldAt = clock.now()
  let tickedAt = clock.now()
  let last = ''
  const told = async (lines: readonly string[]) => {
    const text = lines.join('\n')
    if (text !== last) for (const line of lines) say(line)
    last = text
  }
  const owned = stack.move()
  return {
    only,
    wake: wake.signal,
    nudge() {
      nudge = new AbortController()
      if (isHungUp) nudge.abort()
      return nudge.signal
    },
    async renewed() {
      const now = file === undefined ? '' : stampOf(file)
      tickedAt = clock.now()
      if (!isHungUp && now === stamp) return undefined
      isHungUp = false
      stamp = now
      return load()
    },
    async onTick(tick: CapacityTick) {
      exporter?.see(tick, clock.now() - tickedAt)
      const json = capacityJson([tick])
      await told(json.actions.length > 0 || json.exit !== 0 ? capacityLines(json, false) : [])
      if (!isReady) await notify.tell('READY=1', `STATUS=looked first at ${new Date(tick.now).toISOString()}`)
      isReady = true
      if (notify.watchdogMs !== undefined && clock.now() - toldAt > notify.watchdogMs / 4) {
        toldAt = clock.now()
        await notify.tell('WATCHDOG=1')
      }
    },
    onTrouble(error: ContractError) {
      exporter?.trouble()
      for (const line of renderError(error)) say(line)
    },
    async onReload(outcome) {
      if (outcome === 'begins') return notify.tell('RELOADING=1')
      if (outcome === 'done') say('The new configuration is in force.')
      else for (const line of [...renderError(outcome), 'The old configuration goes on.']) say(line)
      return notify.tell('READY=1')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
