import type { Clock } from '@agentctl/contract'
import type { Notify } from '../effects/notify.ts'
import { renderError } from '../errors/index.ts'
import type { ServeRequest } from '../operations/capacity-serve.ts'
import { capacityJson } from '../views/capacity.ts'
import { capacityLines } from '../views/capacity-lines.ts'
import type { Exporter } from './exporter.ts'

interface Listeners {
  readonly clock: Clock
  readonly exporter: Exporter | undefined
  readonly notify: Notify
  readonly say: (line: string) => void
}

/** Who hears of a loop: Prometheus of every look, the log of what changed, systemd of its life. */
export function tellerOf({
  clock,
  exporter,
  notify,
  say,
}: Listeners): Pick<ServeRequest, 'onTick' | 'onTrouble' | 'onReload'> {
  let isReady = false
  let toldAt = clock.now()
  let last = ''

  /** What is wrong, and stays so, is said once. */
  function log(lines: readonly string[]): void {
    const text = lines.join('\n')
    if (text !== last) for (const line of lines) say(line)
    last = text
  }

  return {
    async onTick(tick, tookMs) {
      exporter?.see(tick, tookMs)
      const json = capacityJson(tick)
      log(json.actions.length + json.swept.length > 0 || json.exit !== 0 ? capacityLines(json, false) : [])
      if (!isReady) {
        await notify.tell('READY=1', `STATUS=looked first at ${new Date(tick.now).toISOString()}`)
      }
      isReady = true
      if (notify.watchdogMs !== undefined && clock.now() - toldAt > notify.watchdogMs / 4) {
        toldAt = clock.now()
        await notify.tell('WATCHDOG=1')
      }
    },
    onTrouble(error) {
      exporter?.trouble()
      log(renderError(error))
    },
    async onReload(outcome) {
      if (outcome === 'begins') return notify.tell('RELOADING=1')
      if (outcome === 'done') say('The new configuration is in force.')
      else for (const line of [...renderError(outcome), 'The old configuration goes on.']) say(line)
      return notify.tell('READY=1')
    },
  }
}
