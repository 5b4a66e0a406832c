import { openSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isMissing, readRecord, replaceRecord, takePlace } from '../files.ts'
import { chooseEnclosure } from '../isolation.ts'
import { instanceId, type UnitPaths } from '../paths.ts'
import { type EnvironmentMark, identify, markVariables } from '../processes.ts'
import type { EndReason, Identity, LaunchRecord, TreeRecord } from '../records.ts'
import { type Console, openConsole } from './console.ts'
import { environment, exit, now, onFailure, onStopSignal, ownPid, pause } from './effects.ts'
import { writeEnded } from './ended.ts'
import { watchStops } from './stops.ts'
import { type Ending, endTreeNow, startTree, type Tree } from './tree.ts'

/** After the end of the tree, how long its last words are waited for. Unit: milliseconds. */
const drainMs = 500

interface Guest {
  readonly unit: UnitPaths
  readonly record: LaunchRecord
  readonly log: Console
  /** Resolves when somebody asks for a stop. */
  readonly asked: Promise<void>
}

/** Takes the unit's place, runs its script until its end, ends all of its tree, says so in `ended.json`, and exits. */
export async function runHost(unit: UnitPaths): Promise<void> {
  const asked = new Promise<void>(onStopSignal)
  const record = readRecord<LaunchRecord>(unit.launchFile)
  const self = identify(ownPid)
  if (!record || !self || !isFirst(unit, self)) exit(0)
  const log = openConsole(unit.console, unit.consoleBefore)
  const powerOff = (reason: EndReason, ending: Ending): never => {
    log.say(`power-off reason=${reason} code=${ending.exitCode ?? '-'} signal=${ending.signal ?? '-'}`)
    writeEnded(unit, reason, ending, now())
    exit(0)
  }
  onFailure(error => {
    endTreeNow(markOf(unit))
    log.say(`the guest host failed: ${error instanceof Error ? error.message : String(error)}`)
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
  let tree: Tree
  try {
    tree = await start(guest)
  } catch (error) {
    log.say(`the script could not be started: ${error instanceof Error ? error.message : String(error)}`)
    return { reason: 'not-started', ending: { exitCode: null, signal: null } }
  }
  const stops = watchStops({ unit, record, log, tree, asked })
  void recordLeader(unit, tree)
  const ending = await tree.ended.catch((): Ending => ({ exitCode: null, signal: null }))
  stops.close()
  await tree.end()
  await Promise.race([tree.drained, pause(drainMs)])
  return {
    reason: stops.reason() ?? (ending.exitCode === null && !ending.signal ? 'not-started' : 'exited'),
    ending,
  }
}

async function start({ unit, record, log }: Guest): Promise<Tree> {
  // First of all the secrets go off the disk; from here on they are in this open file only.
  const scriptFd = openSync(unit.userData, 'r')
  rmSync(unit.userData)
  const mark = markOf(unit)
  const { PATH = '', LANG = '', USER = '' } = environment
  const enclosure = await chooseEnclosure(record.isolation, PATH)
  log.say(`instance=${mark.id} isolation=${enclosure.name}`)
  const env = {
    PATH,
    LANG,
    ...record.environment,
    USER,
    HOME: unit.home,
    TMPDIR: unit.tmp,
    AGENTCTL_UNIT_INDEX: basename(unit.folder),
    ...markVariables(mark),
  }
  return startTree({ unit, mark, enclosure, env, scriptFd, onOutput: bytes => log.write(bytes) })
}

function markOf({ folder, run }: UnitPaths): EnvironmentMark {
  return { id: instanceId({ launchId: basename(dirname(folder)), index: Number(basename(folder)) }), run }
}

/** Lets `terminate` end the tree at once should this guest host be killed. The environment mark does too, but slower. */
async function recordLeader(unit: UnitPaths, tree: Tree): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { enclosure, leader } = tree
    const found = leader()
    if (found) {
      const record: TreeRecord = { isolation: enclosure, leader: found }
      try {
        replaceRecord(unit.tree, record)
      } catch {
        // A full disk, or the unit has ended.
      }
      return
    }
    await pause(10)
  }
}
