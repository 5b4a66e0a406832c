import { rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandLine } from '../command-line.ts'
import { nodePath } from '../effects.ts'
import { isMissing, readRecord, replaceRecord, takePlace } from '../files.ts'
import { instanceId, type UnitPaths } from '../paths.ts'
import { endMarked, identify, markVariables } from '../processes.ts'
import type { EndReason, Identity, LaunchRecord, MachineRecord } from '../records.ts'
import { type Console, openConsole } from './console.ts'
import { environment, exit, now, onFailure, onStopSignal, ownPid, pause } from './effects.ts'
import { enclosure } from './enclosure.ts'
import { writeEnded } from './ended.ts'
import { controlFd, type Ending, type Machine, startMachine } from './machine.ts'
import { watchStops } from './stops.ts'

/** After the end of QEMU, how long its last words are waited for. Unit: milliseconds. */
const drainMs = 500

const forwarder = fileURLToPath(new URL('./forward.js', import.meta.url))

interface Guest {
  readonly unit: UnitPaths
  readonly record: LaunchRecord
  readonly log: Console
  /** Resolves when somebody asks for a stop. */
  readonly asked: Promise<void>
}

/** Takes the unit's place, runs its machine until its end, says so in `ended.json`, and exits. */
export async function runHost(unit: UnitPaths): Promise<void> {
  const asked = new Promise<void>(onStopSignal)
  const record = readRecord<LaunchRecord>(unit.launchFile)
  const self = identify(ownPid)
  if (!record || !self || !isFirst(unit, self)) exit(0)
  const log = openConsole(unit.console, unit.consoleBefore)
  const powerOff = (reason: EndReason, ending: Ending): never => {
    // What QEMU itself has started goes with it.
    endMarked(markOf(unit))
    rmSync(unit.seed, { force: true })
    log.say(`power-off reason=${reason} code=${ending.exitCode ?? '-'} signal=${ending.signal ?? '-'}`)
    writeEnded(unit, reason, ending, now())
    exit(0)
  }
  onFailure(error => {
    log.say(`the guest host failed: ${wordsOf(error)}`)
    powerOff('host-failed', { exitCode: null, signal: null })
  })
  const { reason, ending } = await runGuest({ unit, record, log, asked })
  powerOff(reason, ending)
}

/** False where another guest host runs this unit, or it was ended before it began. */
function isFirst(unit: UnitPaths, self: Identity): boolean {
  try {
    return takePlace(unit.host, self)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function runGuest(guest: Guest): Promise<{ reason: EndReason; ending: Ending }> {
  const { unit, record, log, asked } = guest
  let isUp = false
  const machine = await start(guest, () => {
    isUp = true
  })
  const stops = watchStops({ unit, record, log, machine, asked })
  const ending = await machine.ended.catch((error: unknown): Ending => {
    log.say(`QEMU could not be started: ${wordsOf(error)}`)
    return { exitCode: null, signal: null }
  })
  stops.close()
  await Promise.race([machine.drained, pause(drainMs)])
  return { reason: stops.reason() ?? machine.cause() ?? (isUp ? 'crashed' : 'not-started'), ending }
}

async function start({ unit, record, log }: Guest, onUp: () => void): Promise<Machine> {
  const { spec, accel } = record
  const { PATH = '', LANG = '', USER = '' } = environment
  const mark = markOf(unit)
  const unitIndex = Number(basename(unit.folder))
  const forward = (port: number) => `${nodePath} ${forwarder} ${port}`
  const command = commandLine({ id: mark.id, unitIndex, spec, accel, controlFd, forward })
  log.say(`instance=${mark.id} accel=${accel.name} because ${accel.why}`)
  const machine = startMachine({
    command: [...(await enclosure(PATH)), ...command],
    folder: unit.folder,
    env: { PATH, LANG, USER, ...markVariables(mark) },
    onOutput: bytes => log.write(bytes),
    onStatus: status => {
      // QEMU answers only once it has opened all disks: from here on the secrets are in its open file only.
      rmSync(unit.seed, { force: true })
      onUp()
      writeMachine(unit, machine, status)
    },
  })
  return machine
}

/** For `terminate`, should this guest host be killed, and for whoever asks how the machine is. */
function writeMachine(unit: UnitPaths, { pid }: Machine, status: string): void {
  const qemu = pid === undefined ? undefined : identify(pid)
  if (!qemu) return
  try {
    replaceRecord(unit.machine, { qemu, status } satisfies MachineRecord)
  } catch {
    // A full disk, or the unit has ended.
  }
}

function markOf({ folder }: UnitPaths) {
  const id = instanceId({ launchId: basename(dirname(folder)), index: Number(basename(folder)) })
  return { id, run: folder }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
