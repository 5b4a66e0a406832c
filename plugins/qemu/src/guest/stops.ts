import { lstatSync } from 'node:fs'
import { isMissing, readRecord } from '../files.ts'
import type { UnitPaths } from '../paths.ts'
import type { EndReason, LaunchRecord, Marks } from '../records.ts'
import type { Console } from './console.ts'
import { nextLookMs, stageAt } from './deadline.ts'
import { after, now } from './effects.ts'
import type { Machine } from './machine.ts'

/** A guest that still boots does not see the power button: how soon it is pressed again. Unit: milliseconds. */
const askAgainMs = 1_000

export interface Watched {
  readonly unit: UnitPaths
  readonly record: LaunchRecord
  readonly log: Console
  readonly machine: Machine
  readonly asked: Promise<void>
}

export interface Stops {
  /** Why the instance is being stopped; undefined while it is not. */
  reason(): EndReason | undefined
  close(): void
}

/**
 * The dead-man timer, and the stop that somebody asks for: the power button first, the end of QEMU after the stop grace.
 */
export function watchStops({ unit, record, log, machine, asked }: Watched): Stops {
  const { stopGraceMs } = record
  const startedAt = now()
  let reason: EndReason | undefined
  let forceAt = Number.POSITIVE_INFINITY
  let askAt = Number.POSITIVE_INFINITY
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const begin = (why: EndReason): void => {
    if (reason) return
    reason = why
    forceAt = now() + stopGraceMs
    askAt = now()
    log.say(`stop reason=${reason} grace-ms=${stopGraceMs}`)
  }
  const ask = (): void => {
    if (now() < askAt) return
    askAt = now() + askAgainMs
    void machine.ask()
  }
  const look = (): void => {
    if (isClosed) return
    clearTimeout(timer)
    const lifetime = { startedAt, stopGraceMs, expiresAt: expiryOf(unit) ?? record.expiresAt }
    const stage = stageAt(lifetime, now())
    if (stage !== 'run') begin('expired')
    ask()
    // A unit that was removed by hand is nobody's any more.
    if (stage === 'forced-stop' || now() >= forceAt || isGone(unit.host)) void machine.end()
    timer = after(Math.min(nextLookMs(lifetime, now()), forceAt - now(), askAt - now()), look)
  }
  void asked.then(() => {
    begin('asked')
    look()
  })
  look()
  return {
    reason: () => reason,
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

function expiryOf(unit: UnitPaths): number | undefined {
  try {
    return readRecord<Marks>(unit.marks)?.expiresAt
  } catch {
    return undefined
  }
}

/** Surely gone; a disk that does not answer says nothing. */
function isGone(path: string): boolean {
  try {
    lstatSync(path)
    return false
  } catch (error) {
    return isMissing(error)
  }
}
