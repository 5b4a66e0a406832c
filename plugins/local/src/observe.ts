import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { contractVersion, decodeOwnership, type Instance, type Ownership, tagNames } from '@agentctl/contract'
import type { Context } from './context.ts'
import { namesIn, readRecord } from './files.ts'
import { type InstanceName, instanceId, isLaunchId, type UnitPaths, unitPaths } from './paths.ts'
import { bootId, isAlive } from './processes.ts'
import type { EndedRecord, Identity, LaunchRecord, Marks } from './records.ts'
import { type Facts, type HostState, judge } from './state.ts'

/** A unit as disk and kernel show it. */
export interface Observed {
  readonly name: InstanceName
  readonly unit: UnitPaths
  /** Undefined where the file is damaged, as a power cut may leave it. */
  readonly record: LaunchRecord | undefined
  readonly facts: Facts
  readonly host: Identity | undefined
  readonly instance: Instance
}

/** The ids of all launches of this owner. */
export async function launchIds({ paths }: Context): Promise<string[]> {
  return (await namesIn(paths.launches)).filter(isLaunchId)
}

/** Every unit of the launch that is still there, in order; none when there is no such launch. */
export async function observeLaunch(context: Context, launchId: string): Promise<Observed[]> {
  const names = await namesIn(join(context.paths.launches, launchId))
  const indexes = names.filter(name => /^\d+$/.test(name)).map(Number)
  indexes.sort((a, b) => a - b)
  return indexes.flatMap(index => observeUnit(context, { launchId, index }) ?? [])
}

/** Undefined when there is no such unit, or it went while it was looked at. */
export function observeUnit(context: Context, name: InstanceName): Observed | undefined {
  const unit = unitPaths(join(context.paths.launches, name.launchId), name.index)
  const record = readRecord<LaunchRecord>(unit.launchFile)
  const ended = readRecord<EndedRecord>(unit.ended)
  const host = readRecord<Identity>(unit.host)
  const marks = readRecord<Marks>(unit.marks) ?? {}
  const facts: Facts = {
    host: hostState(host, record, context),
    ...(ended && { ended }),
    isStartable: existsSync(unit.userData),
    isBereft: record?.maker !== undefined && hostState(record.maker, record, context) === 'dead',
    createdAt: record?.createdAt ?? 0,
    stopAskedAt: stopAskedAt(unit),
  }
  if (!existsSync(unit.folder)) return undefined
  const { state, fault } = judge(facts, context.clock.now())
  const instance: Instance = {
    kind: 'instance',
    id: instanceId(name),
    scope: record?.scope ?? context.scope,
    state,
    ownership: marked(ownershipOf(context, name, record), marks),
    unitIndex: name.index,
    ...(record && { createdAt: record.createdAt, offeringId: record.offeringId }),
    ...(fault !== undefined && { fault }),
  }
  return { name, unit, record, facts, host, instance }
}

/** `holdUntil: 0` takes the hold off. */
function marked(ownership: Ownership, { expiresAt = ownership.expiresAt, holdUntil = 0 }: Marks): Ownership {
  return { ...ownership, expiresAt, ...(holdUntil > 0 && { holdUntil }) }
}

/** Whether the launch's tags name somebody else, although it lies among ours. */
export function isForeign({ record }: Observed, { owner }: Context): boolean {
  return record !== undefined && record.tags[tagNames.owner] !== owner
}

/** A damaged record reads as expired: its place in the tree says whose it is, and it has to go. */
function ownershipOf(
  { owner }: Context,
  { launchId }: InstanceName,
  record: LaunchRecord | undefined,
): Ownership {
  const written = record && decodeOwnership(record.tags, owner)
  if (written) return written
  return {
    owner,
    pool: '',
    agentType: '',
    launchId,
    digest: '',
    units: [],
    expiresAt: 0,
    version: contractVersion,
  }
}

function hostState(
  host: Identity | undefined,
  record: LaunchRecord | undefined,
  { scope }: Context,
): HostState {
  if (!host) return 'none'
  if (isAlive(host)) return 'alive'
  // Another boot under the same host name was ours; under another name, it may be a machine that is up.
  const isElsewhere = host.boot !== bootId() && record !== undefined && record.scope.account !== scope.account
  return isElsewhere && host.pid > 0 ? 'elsewhere' : 'dead'
}

/** 0 when no stop was asked for. Unit: milliseconds since the epoch. */
function stopAskedAt(unit: UnitPaths): number {
  return statSync(unit.stop, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
