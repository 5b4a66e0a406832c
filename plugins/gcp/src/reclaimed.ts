import type { Instance } from '@agentctl/contract'
import { type Compute, listOperations } from './api.ts'
import type { Context } from './context.ts'
import { isSpot } from './observe.ts'

/**
 * A spot machine that Google takes back is deleted without a word on it; what stays is an operation of the zone.
 * Source: https://cloud.google.com/compute/docs/instances/spot#preemption-detection, read 2026-11-23.
 */
const filter = 'operationType = "compute.instances.preempted"'
/** For how long one is shown that is gone. Unit: milliseconds. */
const shownForMs = 600_000

/** What is missing or on its way down, and might have been taken back. Pure. */
function suspects(context: Context, region: string, found: ReadonlyMap<string, Instance>) {
  const missing = [...context.spotSeen.values()].filter(
    ({ id, scope }) => scope.region === region && !found.has(id) && !context.deletes.has(id),
  )
  const ending = [...found.values()].filter(
    one => isSpot(one) && (one.state === 'stopping' || one.state === 'stopped'),
  )
  return [...missing, ...ending.filter(({ id }) => !context.deletes.has(id))]
}

/**
 * The same machines, those that were taken back marked so, with those that are gone for it since the last look. One
 * read for each zone where there is a suspect, none otherwise.
 */
export async function withReclaimed(
  context: Context,
  compute: Compute,
  region: string,
  seen: readonly Instance[],
): Promise<readonly Instance[]> {
  const found = new Map(seen.map(one => [one.id, one]))
  const wanted = suspects(context, region, found)
  const zones = new Set(wanted.map(({ id }) => id.split('/')[0] ?? ''))
  const taken = new Set<string>()
  for (const zone of zones) {
    for (const { targetLink } of await listOperations(compute, zone, filter)) taken.add(idIn(targetLink))
  }
  const now = context.clock.now()
  for (const one of wanted.filter(({ id }) => !found.has(id))) {
    context.spotSeen.delete(one.id)
    if (!taken.has(one.id)) continue
    const instance = { ...reclaimed(one), state: 'terminated' as const }
    context.reclaimed.set(one.id, { instance, untilMs: now + shownForMs })
  }
  for (const one of seen.filter(isSpot)) context.spotSeen.set(one.id, one)
  for (const [id, { untilMs }] of context.reclaimed) {
    if (untilMs < now || found.has(id)) context.reclaimed.delete(id)
  }
  const gone = [...context.reclaimed.values()]
    .map(({ instance }) => instance)
    .filter(({ scope }) => scope.region === region)
  return [...seen.map(one => (taken.has(one.id) && isSpot(one) ? reclaimed(one) : one)), ...gone]
}

function reclaimed(instance: Instance): Instance {
  return { ...instance, isReclaimed: true, fault: 'Compute Engine has taken the spot machine back.' }
}

function idIn(targetLink: string): string {
  const [, zone = '', name = ''] = /zones\/([^/]+)\/instances\/([^/]+)$/.exec(targetLink) ?? []
  return `${zone}/${name}`
}
