import type { CapacityTick } from '../../src/operations/capacity.ts'
import { capacityPlan } from '../../src/operations/capacity-plan.ts'
import { type CapacityRunRequest, capacityRun } from '../../src/operations/capacity-run.ts'
import { type CapacityJson, capacityJson } from '../../src/views/capacity.ts'
import type { Process, Rig } from './rig.ts'

const minute = 60_000

function folded(ticks: readonly CapacityTick[]): CapacityJson {
  const [first, ...rest] = ticks
  if (!first) throw new Error('There was no tick')
  return rest.reduce((json, tick) => capacityJson(tick, json), capacityJson(first))
}

/** One `capacity run`, as cron starts it. */
export async function runOnce(
  rig: Rig,
  request: Partial<CapacityRunRequest> = {},
  process?: Process,
): Promise<CapacityJson> {
  const ticks: CapacityTick[] = []
  const run = capacityRun(rig.context(process), {
    only: undefined,
    forMs: 0,
    deadlineMs: 120_000,
    wake: new AbortController().signal,
    onTick: tick => ticks.push(tick),
    ...request,
  })
  await rig.drive(run)
  return folded(ticks)
}

/** The actions of one `capacity run`, with the clock in other hands. */
export async function oneTick(rig: Rig, process: Process): Promise<CapacityJson['actions']> {
  const ticks: CapacityTick[] = []
  await capacityRun(rig.context(process), {
    ...{ only: undefined, forMs: 0, deadlineMs: 120_000 },
    wake: new AbortController().signal,
    onTick: tick => ticks.push(tick),
  })
  return folded(ticks).actions
}

export async function planOnce(rig: Rig): Promise<CapacityJson> {
  return capacityJson(await rig.drive(capacityPlan(rig.context(), { only: undefined })))
}

/** A run at each full minute, whether the one before is over or not; `seen` gets what each came to. */
export async function cron(
  rig: Rig,
  minutes: number,
  request: Partial<CapacityRunRequest> = {},
  seen: (json: CapacityJson) => void = () => undefined,
): Promise<void> {
  const { clock } = rig.sim
  const runs: Promise<void>[] = []
  for (let at = 0; at < minutes; at++) {
    const ticks: CapacityTick[] = []
    const process = rig.process()
    const run = capacityRun(rig.context(process), {
      only: undefined,
      forMs: 0,
      deadlineMs: 120_000,
      wake: new AbortController().signal,
      onTick: tick => ticks.push(tick),
      ...request,
    })
    runs.push(
      run
        .then(
          () => seen(folded(ticks)),
          () => undefined,
        )
        .finally(process.drop),
    )
    await clock.advance(minute)
  }
  await rig.drive(Promise.all(runs))
}
