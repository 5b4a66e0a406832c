import { createHash } from 'node:crypto'
import type { RecordKind, StoredRecord } from '@agentctl/contract'
import { base32 } from '../fleet/launch-id.ts'
import type { JobRecord, LaunchRecord, UnitRecord } from '../fleet/records.ts'
import { poolSubject, sweepWork, typeSubject, workSubject } from './works.ts'

export type Row = Readonly<Record<string, string | number | null>>
export type Table = 'launches' | 'units' | 'jobs' | 'queues' | 'notes'

/** Columns of the journal's tables by which a row is found. */
export const keysOf: Readonly<Record<Table, readonly [string, string?]>> = {
  launches: ['launch_id'],
  units: ['launch_id', 'unit_index'],
  jobs: ['job_id'],
  queues: ['agent_type', 'at'],
  notes: ['kind', 'name'],
}

export const tables = Object.keys(keysOf) as readonly Table[]

/** What a row's record cannot tell by itself. */
export interface Where {
  /** The work that the journal is of. */
  readonly work: string
  /** Of a launch that the journal has. */
  readonly poolOf: (launchId: string) => string | undefined
  readonly now: number
}

const kinds: Readonly<Record<Table, RecordKind>> = {
  launches: 'launch',
  units: 'unit',
  jobs: 'job',
  queues: 'queue',
  notes: 'note',
}

/** Whose note it is: a pool and an agent type keep theirs when they come to stand in another work. */
const noteSubjects: Readonly<Record<string, (name: string) => string>> = {
  'stock-out': name => poolSubject(ownerIn(name)),
  breaker: poolSubject,
  'hub-limit': typeSubject,
  slot: name => typeSubject(ownerIn(name)),
  excess: typeSubject,
}

function ownerIn(name: string): string {
  return name.split('/', 1)[0] ?? name
}

/** Which record a row is, so that it can be saved or removed. */
export function refsOf(
  table: Table,
  [one, two]: readonly [string, string?],
  where: Where,
): readonly { readonly kind: RecordKind; readonly key: string; readonly subject: string }[] {
  const kind = kinds[table]
  const at = (key: string, subject: string) => ({ kind, key, subject })
  if (table === 'launches' || table === 'units') {
    const pool = where.poolOf(one)
    const subject = pool === undefined ? workSubject(where.work) : poolSubject(pool)
    return [at(table === 'units' ? `${one}.${two}` : one, subject)]
  }
  if (table === 'queues') return [at(`${one}/${two}`, typeSubject(one))]
  if (table === 'jobs') return [at(one, '')]
  return subjectsOfNote(one, two ?? '', where.work).map(subject =>
    at(noteKey(subject, one, two ?? ''), subject),
  )
}

/** A scope that was used once is the sweep's concern as well, also when its pools are no more. */
function subjectsOfNote(kind: string, name: string, work: string): readonly string[] {
  const own = noteSubjects[kind]?.(name) ?? workSubject(work)
  return kind === 'scope' ? [own, ...sweepWork.subjects] : [own]
}

/** Names of resources and scopes may be long. */
function noteKey(subject: string, kind: string, name: string): string {
  return base32(
    createHash('sha256')
      .update(JSON.stringify([subject, kind, name]))
      .digest(),
  )
}

/** A row as the coordinator keeps it; a used scope twice. */
export function recordsOf(table: Table, row: Row, where: Where): readonly StoredRecord[] {
  const [first, second] = keysOf[table]
  const keys = [String(row[first]), ...(second === undefined ? [] : [String(row[second])])] as [
    string,
    string?,
  ]
  return refsOf(table, keys, where).map(ref => ({ ...ref, ...contentOf(table, row, where) }))
}

type Content = Omit<StoredRecord, 'kind' | 'key' | 'subject'> & { readonly subject?: string }

function contentOf(table: Table, row: Row, { now }: Where): Content {
  const body = String(row.body)
  const isOpen = row.is_open === 1
  switch (table) {
    case 'launches':
      return { isOpen, at: Number(row.intended_at), launchId: String(row.launch_id), body }
    case 'units':
      return {
        isOpen,
        at: Number(row.changed_at),
        want: String(row.want),
        launchId: String(row.launch_id),
        body,
      }
    case 'jobs': {
      const { agentType } = JSON.parse(body) as JobRecord
      const subject = typeSubject(agentType)
      return { isOpen, at: Number(row.changed_at), want: String(row.job_id), body, subject }
    }
    case 'queues':
      return { isOpen: false, at: Number(row.at), body: JSON.stringify(row) }
    case 'notes':
      return { isOpen: true, at: now, body: JSON.stringify(row) }
  }
}

/** The journal's row of a record. */
export function rowOf({ kind, isOpen, at, body }: StoredRecord): readonly [Table, Row] {
  const open = isOpen ? 1 : 0
  switch (kind) {
    case 'launch': {
      const { launchId, runId, intendedAt } = JSON.parse(body) as LaunchRecord
      return [
        'launches',
        { launch_id: launchId, run_id: runId, is_open: open, intended_at: intendedAt, body },
      ]
    }
    case 'unit': {
      const { launchId, index, want } = JSON.parse(body) as UnitRecord
      return ['units', { launch_id: launchId, unit_index: index, want, is_open: open, changed_at: at, body }]
    }
    case 'job': {
      const { jobId } = JSON.parse(body) as JobRecord
      return ['jobs', { job_id: jobId, is_open: open, changed_at: at, body }]
    }
    case 'queue':
      return ['queues', JSON.parse(body) as Row]
    case 'note':
      return ['notes', JSON.parse(body) as Row]
  }
}
