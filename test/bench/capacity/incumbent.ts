import type { Sim } from '@agentctl/provider-sim'
import { launchIdOf } from '../../../src/fleet/launch-id.ts'
import type { SimHub } from '../../sim/queue.ts'

/** Of agent-aws-stack (lambdas/agent-scaler/app.js, 2026-05): six ticks in each minute. Unit: milliseconds. */
const tickMs = 10_000

export interface IncumbentOptions {
  readonly max: number
  readonly min?: number
  /** Its overprovision strategy: so many machines more than jobs, or so much per cent of them. */
  readonly over?: { readonly count: number } | { readonly percent: number }
}

export interface IncumbentRun {
  /** Calls that it makes itself: counts of the hub, reads and changes of its group. */
  readonly calls: () => number
}

/**
 * The incumbent's algorithm, from its description: every ten seconds the jobs that wait and run are counted, and the
 * capacity of an auto scaling group is raised to that, never lowered. An agent that was idle for its time ends its
 * machine and lowers the capacity by one; whatever else ends a machine does not, so that the group boots another.
 */
export function runIncumbent(sim: Sim, hub: SimHub, { max, min = 0, over }: IncumbentOptions): IncumbentRun {
  const { clock } = sim
  const provider = sim.open('incumbent')
  const spec = provider.parseSpec({ region: 'sim-1', guest: 'process' })
  let desired = min
  let alive = 0
  let launches = 0
  let calls = 0

  hub.onEnd = reason => {
    alive--
    if (reason === 'idle' && desired > min) desired--
    fill()
  }

  /** What the group does by itself, as soon as it sees that a machine is missing. */
  function fill(): void {
    const missing = desired - alive
    alive += Math.max(0, missing)
    for (let number = 0; number < missing; number++) void launch(++launches)
  }

  async function launch(number: number): Promise<void> {
    const call = { signal: new AbortController().signal, deadlineMs: clock.now() + 60_000, log: quiet }
    const resolved = await provider.resolve(spec, call)
    const [offering] = resolved.offerings
    if (!offering) throw new Error('no offering')
    const launchId = launchIdOf({
      ...{ owner: 'incumbent', agentType: 's1-x', wants: [String(number)] },
      ...{ attempt: 1, offeringId: offering.id },
    })
    const name = `incumbent-${number}`
    await provider.launch(
      {
        ...{ launchId, digest: String(number), pool: 'asg', agentType: 's1-x', offering, resolved },
        ...{ units: [{ index: 0, attempt: 1, name }], userData: new Uint8Array() },
        expiry: { afterMs: 24 * 3_600_000 },
      },
      call,
    )
  }

  function wanted(total: number): number {
    if (total < min) return min
    const more = !over ? 0 : 'count' in over ? over.count : Math.ceil((total * over.percent) / 100)
    return Math.min(max, total + more)
  }

  async function ticks(): Promise<never> {
    for (;;) {
      const { queuedCount, runningCount = 0 } = await hub.queue()
      calls += 2
      const next = wanted(queuedCount + runningCount)
      if (next > desired) {
        desired = next
        calls++
      }
      fill()
      await clock.sleep(tickMs)
    }
  }
  void ticks()
  return { calls: () => calls }
}

const nothing = () => undefined
const quiet = { debug: nothing, info: nothing, warn: nothing }
