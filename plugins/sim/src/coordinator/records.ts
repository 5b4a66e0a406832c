import type { Changes, Coordinator, RecordRef, StoredRecord } from '@agentctl/contract'
import type { OwnerState } from './state.ts'

const keyOf = ({ kind, key }: RecordRef) => `${kind} ${key}`

export function write({ records }: OwnerState, { saved, removed }: Changes): void {
  for (const ref of removed) records.delete(keyOf(ref))
  for (const record of saved) records.set(keyOf(record), { ...record })
}

export function openOf({ records }: OwnerState, subjects: readonly string[]): readonly StoredRecord[] {
  return [...records.values()].filter(({ isOpen, subject }) => isOpen && subjects.includes(subject))
}

/** Launches and units of these launches, and units of these wants with their launches. */
export function recalled(
  { records }: OwnerState,
  wants: readonly string[],
  launchIds: readonly string[],
): readonly StoredRecord[] {
  const all = [...records.values()]
  const units = all.filter(isUnitOf(want => wants.includes(want)))
  const launches = idsOf(units)
  return all.filter(
    record =>
      units.includes(record) ||
      (record.kind === 'launch' && launches.has(record.launchId)) ||
      ((record.kind === 'launch' || record.kind === 'unit') && launchIds.includes(record.launchId ?? '')),
  )
}

/** What is open or changed since, with the launches of such units. */
export function historyOf(
  owner: OwnerState,
  wanted: Parameters<Coordinator['history']>[0],
): readonly StoredRecord[] {
  if ('since' in wanted) return changedSince(owner, wanted.since)
  if ('jobId' in wanted) return ofJobs(owner, id => id === wanted.jobId)
  return ofJobs(owner, id => id.startsWith(wanted.jobPrefix))
}

function changedSince({ records }: OwnerState, since: number): readonly StoredRecord[] {
  const all = [...records.values()]
  const isOne = ({ isOpen, at }: StoredRecord) => isOpen || at >= since
  const launches = idsOf(all.filter(record => record.kind === 'unit' && isOne(record)))
  return inOrder(
    all.filter(record => isOne(record) || (record.kind === 'launch' && launches.has(record.launchId))),
  )
}

/** Jobs and units of these wants, with the launches of those units. */
function ofJobs({ records }: OwnerState, isOne: (jobId: string) => boolean): readonly StoredRecord[] {
  const all = [...records.values()]
  const launches = idsOf(all.filter(isUnitOf(isOne)))
  return inOrder(
    all.filter(
      record =>
        isUnitOf(isOne)(record) ||
        (record.kind === 'job' && record.want !== undefined && isOne(record.want)) ||
        (record.kind === 'launch' && launches.has(record.launchId)),
    ),
  )
}

/** Removes what is closed and older, and says how much that was. */
export function forget({ records }: OwnerState, subjects: readonly string[], before: number): number {
  const old = [...records.values()].filter(
    ({ isOpen, at, subject }) => !isOpen && at < before && subjects.includes(subject),
  )
  for (const record of old) records.delete(keyOf(record))
  return old.length
}

function isUnitOf(isOne: (want: string) => boolean) {
  return ({ kind, want }: StoredRecord) => kind === 'unit' && want !== undefined && isOne(want)
}

function idsOf(units: readonly StoredRecord[]): ReadonlySet<string | undefined> {
  return new Set(units.flatMap(({ launchId }) => launchId ?? []))
}

function inOrder(records: readonly StoredRecord[]): readonly StoredRecord[] {
  return records.toSorted((one, other) => one.at - other.at)
}
