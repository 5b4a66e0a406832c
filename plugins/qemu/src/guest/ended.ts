import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { replaceRecord } from '../files.ts'
import type { UnitPaths } from '../paths.ts'
import type { EndedRecord, EndReason } from '../records.ts'
import type { Ending } from './machine.ts'

/** Writes `ended.json` into the room kept for it, so that it can be told also on a full disk. Never fails. */
export function writeEnded(
  unit: UnitPaths,
  reason: EndReason,
  { exitCode, signal }: Ending,
  at: number,
): void {
  const code = exitCode ?? (signal === null ? null : 128 + constants.signals[signal])
  const record: EndedRecord = { exitCode: code, signal, reason, at }
  try {
    const fd = openSync(unit.endedRoom, 'r+')
    // What is left of the room is spaces, which JSON allows.
    writeSync(fd, JSON.stringify(record))
    closeSync(fd)
    renameSync(unit.endedRoom, unit.ended)
  } catch {
    writeAnew(unit, record)
  }
}

function writeAnew(unit: UnitPaths, record: EndedRecord): void {
  try {
    replaceRecord(unit.ended, record)
  } catch {
    // The unit folder is gone, or not writable: the instance then reads as failed, which it is.
  }
}
