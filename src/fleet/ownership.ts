import type { Instance, Offering } from '@agentctl/contract'
import type { ScopeLook } from './picture.ts'
import { type LaunchRecord, type Memory, type UnitRecord, unitKey } from './records.ts'

export interface Adoption {
  readonly launches: readonly LaunchRecord[]
  readonly units: readonly UnitRecord[]
}

/**
 * Records for what the cloud shows and the memory does not know, or knows as not accepted: made by another host, or by
 * this one before its journal was lost, or by a call whose answer never came. The tags are the database.
 */
export function adopt(
  seen: readonly { readonly look: ScopeLook; readonly instance: Instance }[],
  memory: Memory,
  now: number,
): Adoption {
  const launches = new Map(memory.launches.map(launch => [launch.launchId, launch]))
  const units = new Set(memory.units.map(unitKey))
  const adoptedLaunches = new Map<string, LaunchRecord>()
  const adoptedUnits: UnitRecord[] = []

  for (const { look, instance } of seen) {
    const { launchId } = instance.ownership
    const launch = launches.get(launchId)
    const isNew = !units.has(unitKey({ launchId, index: instance.unitIndex }))
    // A dead machine that the cloud still shows for a while needs no record that it never had.
    if (isNew && instance.state === 'terminated') continue
    if (launch?.state !== 'accepted') {
      adoptedLaunches.set(launchId, accepted(launch ?? fromTags(look, instance), instance, now))
    }
    if (isNew) adoptedUnits.push(unitFromTags(instance, now))
  }
  return { launches: [...adoptedLaunches.values()], units: adoptedUnits }
}

/** Seen is accepted, whatever the answer to the call was. The cloud's clock is believed within our own bounds. */
function accepted(launch: LaunchRecord, instance: Instance, now: number): LaunchRecord {
  const createdAt = Math.max(instance.createdAt ?? now, launch.runId === '' ? 0 : launch.intendedAt)
  return { ...launch, state: 'accepted', acceptedAt: launch.acceptedAt ?? Math.min(now, createdAt) }
}

function fromTags(look: ScopeLook, instance: Instance): LaunchRecord {
  const { ownership } = instance
  return {
    launchId: ownership.launchId,
    runId: '',
    provider: look.provider,
    pool: ownership.pool,
    agentType: ownership.agentType,
    offering: offeringOf(instance),
    digest: ownership.digest,
    attempt: Math.max(1, ...ownership.units.map(unit => unit.attempt)),
    units: ownership.units,
    expiresAt: ownership.expiresAt,
    intendedAt: instance.createdAt ?? 0,
    state: 'accepted',
    tries: 1,
  }
}

/** Enough to find the scope again; the offering's own details are not on the instance. */
function offeringOf(instance: Instance): Offering {
  return {
    id: instance.offeringId ?? '',
    scope: instance.scope,
    type: '',
    zone: '',
    market: 'on-demand',
  }
}

function unitFromTags(instance: Instance, now: number): UnitRecord {
  const { launchId, units } = instance.ownership
  const unit = units.find(one => one.index === instance.unitIndex)
  return {
    launchId,
    index: instance.unitIndex,
    want: unit?.jobId ?? unitKey({ launchId, index: instance.unitIndex }),
    name: unit?.name ?? '',
    attempt: unit?.attempt ?? 1,
    ...(unit?.jobId !== undefined && { jobId: unit.jobId }),
    instanceId: instance.id,
    phase: 'booting',
    entered: { booting: instance.createdAt ?? now },
    marks: {},
  }
}
