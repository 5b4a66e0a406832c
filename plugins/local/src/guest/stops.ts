import { lstatSync } from 'node:fs'
import { isMissing, readRecord } from '../files.ts'
import type { UnitPaths } from '../paths.ts'
import type { EndReason, LaunchRecord, Marks } from '../records.ts'
import type { Console } from './console.ts'
import { nextLookMs, stageAt } from './deadline.ts'
import { after, now } from './effects.ts'
import type { Tree } from './tree.ts'

/** A script that has just been started cannot be asked yet: how soon it is tried again. Unit: milliseconds. */
const askAgainMs = 20

export interface Watched {
  readonly unit: UnitPaths
  readonly record: LaunchRecord
  readonly log: Console
  readonly tree: Tree
  readonly asked: Promise<void>
}

export interface Stops {
  /** Why the instance is being stopped; undefined while it is not. */
  reason(): EndReason | undefined
  close(): void
}

/** The dead-man timer, and the stop that somebody asks for: SIGTERM first, SIGKILL to the tree after the stop grace. */
export function watchStops({ unit, record, log, tree, asked }: Watched): Stops {
  const { stopGraceMs } = record
  const startedAt = now()
  let reason: EndReason | undefined
  let forceAt = Number.POSITIVE_INFINITY
  let isDelivered = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const begin = (why: EndReason): void => {
    if (reason) return
    reason = why
    forceAt = now() + stopGraceMs
  }
  const ask = (): void => {
    if (!reason || isDelivered || !tree.ask()) return
    isDelivered = true
    // After the signal: a disk that hangs must not eat the guest's time to stop.
    log.say(`stop reason=${reason} grace-ms=${stopGraceMs}`)
  }
  const look = (): void => {
    if (isClosed) return
    clearTimeout(timer)
    const lifetime = { startedAt, stopGraceMs, expiresAt: expiryOf(unit) ?? record.expiresAt }
    const stage = stageAt(lifetime, now())
    if (stage !== 'run') begin('expired')
    ask()
    // A unit that was removed by hand is nobody's any more.
    if (stage === 'forced-stop' || now() >= forceAt || isGone(unit.host)) void tree.end()
    const isAsking = reason !== undefined && !isDelivered
    timer = after(
      Math.min(nextLookMs(lifetime, now()), forceAt - now(), isAsking ? askAgainMs : forceAt),
      look,
    )
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
