import type { Clock } from '@agentctl/contract'
import type { Notify } from '../effects/notify.ts'
import { renderError } from '../errors/index.ts'
import { toContractError } from '../errors/to-contract-error.ts'
import type { ServeRequest } from '../operations/capacity-serve.ts'
import { type HostFacts, unlookedMs } from '../operations/host-facts.ts'
import { capacityJson } from '../views/capacity.ts'
import { capacityLines } from '../views/capacity-lines.ts'
import { type Exporter, healthyMs } from './exporter.ts'

interface Listeners {
  readonly clock: Clock
  readonly exporter: Exporter | undefined
  readonly notify: Notify
  readonly say: (line: string) => void
}

export interface Teller extends Pick<ServeRequest, 'onTick' | 'onTrouble' | 'onReload'> {
  /** Of a host among others, after each beat. */
  readonly onHost: (facts: HostFacts) => Promise<void>
  /** Each commit at the coordinator. Unit: milliseconds. */
  readonly onCommit: (tookMs: number) => void
}

/** Who hears of a loop: Prometheus of every look, the log of what changed, systemd of its life. */
export function tellerOf({ clock, exporter, notify, say }: Listeners): Teller {
  let isReady = false
  let isAmongOthers = false
  let toldAt = clock.now()
  const log = sayer(say, '')
  const logHost = sayer(say, '')

  async function ready(status: string): Promise<void> {
    if (!isReady) await notify.tell('READY=1', `STATUS=${status}`)
    isReady = true
  }

  async function alive(): Promise<void> {
    if (notify.watchdogMs === undefined || clock.now() - toldAt <= notify.watchdogMs / 4) return
    toldAt = clock.now()
    await notify.tell('WATCHDOG=1')
  }

  return {
    async onTick(tick, tookMs) {
      exporter?.see(tick, tookMs)
      const json = capacityJson(tick)
      log(json.actions.length + json.swept.length > 0 || json.exit !== 0 ? capacityLines(json, false) : [])
      if (isAmongOthers) return
      await ready(`looked first at ${new Date(tick.now).toISOString()}`)
      await alive()
    },
    async onHost(facts) {
      isAmongOthers = true
      exporter?.seeHost(facts)
      const { beat, held, host } = facts
      if (beat instanceof Error) logHost(renderError(toContractError(beat)))
      else {
        logHost(hostLines(held))
        await ready(`the host ${host}, one of ${beat.takers}`)
      }
      if (unlookedMs(facts) <= healthyMs) await alive()
    },
    onCommit: tookMs => exporter?.onCommit(tookMs),
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

/** Says what is not what it said last: what is wrong, and stays so, is said once. */
function sayer(say: (line: string) => void, first: string): (lines: readonly string[]) => void {
  let last = first
  return lines => {
    const text = lines.join('\n')
    if (text !== last) for (const line of lines) say(line)
    last = text
  }
}

function hostLines(held: readonly string[]): readonly string[] {
  return [`Works of this host: ${held.toSorted().join(', ') || 'none'}`]
}
