import { readIfThere, replaceFile } from '../../effects/files.ts'
import type { CapacityTick } from '../../operations/capacity.ts'
import type { CallSeen } from '../../operations/context.ts'
import { type Instruments, openInstruments } from './instruments.ts'
import { newPast, type Past, seeCall, seeTick } from './seen.ts'
import { samplesIn, totalsIn } from './textfile.ts'

/** Told of a run, for the textfile collector of Prometheus' node exporter. */
interface MetricsFile {
  readonly onCall: (call: CallSeen) => void
  /** Rejects when the file cannot be written. */
  readonly onTick: (tick: CapacityTick, tookMs: number) => Promise<void>
  /** A run that came to no look. */
  readonly onTrouble: () => Promise<void>
}

/**
 * The same names as `/metrics`. A run is short, so what counts up goes on from what stands in the file: the sum of all
 * runs, which Prometheus expects of a counter. The file is replaced in one step.
 */
export function openMetricsFile(path: string, now: () => number): MetricsFile {
  const calls: CallSeen[] = []
  const startedAt = now()

  async function write(tell: (on: Instruments, past: Past) => void): Promise<void> {
    const { AggregatorRegistry } = await import('prom-client')
    const on = await openInstruments()
    const before = readIfThere(path)
    for (const call of calls.splice(0)) seeCall(on, call)
    tell(on, pastIn(before, startedAt))
    const sum = AggregatorRegistry.aggregate([await on.registry.getMetricsAsJSON(), [...totalsIn(before)]])
    replaceFile(path, await sum.metrics())
  }

  return {
    onCall: call => void calls.push(call),
    onTick: (tick, tookMs) => write((on, past) => seeTick(on, tick, tookMs, past)),
    onTrouble: () =>
      write((on, past) => {
        on.ticks.inc({ outcome: 'failed' })
        on.tickAt.set(past.since / 1000)
      }),
  }
}

/** When things were seen last, by the file of the run before. */
function pastIn(text: string, startedAt: number): Past {
  const past = newPast(startedAt)
  for (const { name, labels, value } of samplesIn(text)) {
    if (name === 'agentctl_last_tick_timestamp_seconds') past.since = value * 1000
    if (name === 'agentctl_hub_seen_timestamp_seconds') past.hubAt.set(labels.agent_type ?? '', value * 1000)
    if (name === 'agentctl_scope_seen_timestamp_seconds') {
      past.scopeAt.set(`${labels.provider}/${labels.scope}`, value * 1000)
    }
  }
  return past
}
