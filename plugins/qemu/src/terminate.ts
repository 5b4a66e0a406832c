import { readdir, rm, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Call, contractError, type ResourceRef } from '@agentctl/contract'
import type { Context } from './context.ts'
import { codeOf, isMissing, readRecord, removeTree, takePlace } from './files.ts'
import { findUnit } from './find.ts'
import { dropHusk } from './housekeeping.ts'
import type { Observed } from './observe.ts'
import { parseInstanceId } from './paths.ts'
import { endLeader, endMarked, isAlive, signalProcess } from './processes.ts'
import { type MachineRecord, nobody } from './records.ts'
import { writeTombstone } from './spent.ts'

/** Beyond the stop grace, before the guest host is taken to hang. Unit: milliseconds. */
const hangMs = 3_000
/** How often QEMU is looked for before the rest is left to the next call, and the pause between. */
const sweeps = 20
const sweepPauseMs = 25
/** How often a unit is looked at that others clear away at the same time. */
const looks = 5

/**
 * Asks a live instance to stop and answers `accepted`; clears away one that is off, failed, never started, or still
 * alive after its stop grace, and answers `gone` once nothing of it is left.
 * @throws `not-owned`, `permission-denied`, `unavailable` for one that another machine runs
 */
export async function terminate(
  context: Context,
  ref: ResourceRef,
  call: Call,
): Promise<'accepted' | 'gone'> {
  for (let look = 1; ; look++) {
    try {
      return await terminateOnce(context, ref, call)
    } catch (error) {
      // Another controller clears the same unit away: what it has left shows at the next look.
      const isRace = isMissing(error) || codeOf(error) === 'ENOTEMPTY'
      if (!isRace || look === looks) throw error
    }
  }
}

async function terminateOnce(context: Context, ref: ResourceRef, call: Call): Promise<'accepted' | 'gone'> {
  const found = await findUnit(context, ref)
  if (!found) {
    const launchId = parseInstanceId(ref.id)?.launchId
    if (launchId !== undefined) await dropHusk(context, launchId)
    return 'gone'
  }
  if (found.facts.host === 'none' && !(await withhold(found))) return terminateOnce(context, ref, call)
  if (found.facts.host === 'elsewhere') throw elsewhere(ref, found)
  if (found.facts.host === 'alive' && !(await isOverdue(context, found))) return 'accepted'
  if (!(await endProcesses(context, found, call))) return 'accepted'
  await clear(context, found)
  return 'gone'
}

/** Takes a unit that nobody runs yet, so that nobody will; false when a guest host was first. */
async function withhold({ unit }: Observed): Promise<boolean> {
  // Without it nothing can start either, and it makes room on a full disk.
  await rm(unit.seed, { force: true })
  return takePlace(unit.host, nobody)
}

function elsewhere(ref: ResourceRef, { record }: Observed) {
  return contractError('unavailable', `instance ${ref.id} cannot be ended from here`, {
    hint: `It runs on ${record?.scope.account ?? 'another machine'}, which shares this state folder: end it there.`,
  })
}

/** Asks for the stop, and again at each call; true once the guest host has had its time. */
async function isOverdue(context: Context, { unit, facts, host, record }: Observed): Promise<boolean> {
  if (facts.ended) return true
  const now = Math.max(1, context.clock.now())
  const patienceMs = (record?.stopGraceMs ?? 0) + hangMs
  if (facts.stopAskedAt > 0 && now >= facts.stopAskedAt + patienceMs) return true
  if (facts.stopAskedAt === 0) await utimes(unit.stop, now / 1000, now / 1000)
  if (host) signalProcess(host, 'SIGTERM')
  return false
}

/** Ends guest host and QEMU; true when no process is left. */
async function endProcesses(
  context: Context,
  { unit, host, instance }: Observed,
  call: Call,
): Promise<boolean> {
  const mark = { id: instance.id, run: unit.folder }
  for (let sweep = 0; sweep < sweeps && !call.signal.aborted; sweep++) {
    if (host) signalProcess(host, 'SIGKILL')
    const machine = readRecord<MachineRecord>(unit.machine)
    if (machine) endLeader(machine.qemu)
    const isQemuAlive = machine !== undefined && isAlive(machine.qemu)
    if (endMarked(mark) === 0 && !isQemuAlive && !(host && isAlive(host))) return true
    await context.clock.sleep(sweepPauseMs, call.signal)
  }
  return false
}

/**
 * In an order in which a crash leaves a unit that is listed and cannot start: first what may be large, with the record
 * of who ran it still there; then the tombstone, for which there is room by now; then the rest.
 */
async function clear(context: Context, { unit, name }: Observed): Promise<void> {
  for (const entry of await entriesOf(unit.folder)) {
    if (entry !== basename(unit.host)) await removeTree(join(unit.folder, entry))
  }
  await writeTombstone(context, name.launchId)
  await removeTree(unit.folder)
  await dropHusk(context, name.launchId)
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
