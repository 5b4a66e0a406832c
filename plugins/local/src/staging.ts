import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractVersion, encodeOwnership, type LaunchRequest } from '@agentctl/contract'
import type { Context } from './context.ts'
import { ownPid } from './effects.ts'
import { codeOf, namesIn, removeTree } from './files.ts'
import { type UnitPaths, unitPaths } from './paths.ts'
import { identify } from './processes.ts'
import type { LaunchRecord } from './records.ts'
import { detailsOf } from './spec.ts'

/** A controller that makes a launch is done long before; what is older was left by one that died. Unit: milliseconds. */
const staleAfterMs = 60_000

/** Bytes kept for `ended.json`. */
const endedRoomBytes = 512

/** Pure, but for what the context brings and this process is. */
function launchRecord(context: Context, request: LaunchRequest): LaunchRecord {
  const { expiry, pool, agentType, launchId, digest, units, offering } = request
  const createdAt = context.clock.now()
  const expiresAt = 'at' in expiry ? expiry.at : createdAt + expiry.afterMs
  const { env, stopGraceMs } = detailsOf(request.resolved)
  const maker = identify(ownPid)
  const ownership = { owner: context.owner, pool, agentType, launchId, digest, units, expiresAt }
  return {
    tags: encodeOwnership({ ...ownership, version: contractVersion }),
    scope: context.scope,
    offeringId: offering.id,
    createdAt,
    expiresAt,
    environment: env,
    stopGraceMs,
    isolation: context.isolation,
    ...(maker && { maker }),
  }
}

/**
 * Makes the whole launch out of sight and moves it into place in one step.
 * False when another controller was first. Nothing is left of one that fails.
 */
export async function stage(context: Context, request: LaunchRequest): Promise<boolean> {
  const { launches, staging } = context.paths
  const chance = Math.floor(context.random.next() * 2 ** 32).toString(36)
  const draft = join(staging, `${request.launchId}.${context.clock.now()}.${chance}`)
  try {
    await mkdir(launches, { recursive: true, mode: 0o700 })
    await mkdir(draft, { recursive: true, mode: 0o700 })
    const record = launchRecord(context, request)
    await writeFile(join(draft, 'launch.json'), JSON.stringify(record), { mode: 0o600 })
    for (const { index } of request.units) await fillUnit(unitPaths(draft, index), request.userData)
    await rename(draft, join(launches, request.launchId))
    return true
  } catch (error) {
    await removeTree(draft)
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

async function fillUnit(unit: UnitPaths, userData: Uint8Array): Promise<void> {
  for (const folder of [unit.folder, unit.home, unit.tmp, unit.run]) await mkdir(folder, { mode: 0o700 })
  await writeFile(unit.console, '', { mode: 0o600 })
  await writeFile(unit.endedRoom, ' '.repeat(endedRoomBytes), { mode: 0o600 })
  await writeFile(unit.stop, '', { mode: 0o600 })
  await utimes(unit.stop, 0, 0)
  await writeFile(unit.userData, userData, { mode: 0o600 })
}

/** Sweeps what controllers left that died while they made a launch. */
export async function sweepStaging(context: Context): Promise<void> {
  const before = context.clock.now() - staleAfterMs
  for (const name of await namesIn(context.paths.staging)) {
    const madeAt = Number(name.split('.')[1])
    // A name that says no time is none of ours to keep.
    if (!(madeAt >= before)) await removeTree(join(context.paths.staging, name))
  }
}
