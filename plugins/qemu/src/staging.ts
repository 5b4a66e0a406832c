import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Call,
  contractVersion,
  encodeOwnership,
  type LaunchRequest,
  type Unit,
} from '@agentctl/contract'
import type { Context } from './context.ts'
import { codeOf, namesIn, removeTree } from './files.ts'
import { makeOverlay } from './images.ts'
import { instanceId, unitPaths } from './paths.ts'
import type { Accel, LaunchRecord } from './records.ts'
import { seedImage } from './seed.ts'
import { detailsOf, type QemuSpec, stopGraceMs } from './spec.ts'

/** A controller that makes a launch is done long before; what is older was left by one that died. Unit: milliseconds. */
const staleAfterMs = 300_000

/** A disk is made in a tenth of a second, unless the file system hangs. Unit: milliseconds. */
const overlayTimeoutMs = 30_000

/** Bytes kept for `ended.json`. */
const endedRoomBytes = 512

/** Pure, but for what the context brings. */
function launchRecord(context: Context, request: LaunchRequest, spec: QemuSpec, accel: Accel): LaunchRecord {
  const { expiry, pool, agentType, launchId, digest, units, offering } = request
  const createdAt = context.clock.now()
  const expiresAt = 'at' in expiry ? expiry.at : createdAt + expiry.afterMs
  const ownership = { owner: context.owner, pool, agentType, launchId, digest, units, expiresAt }
  return {
    tags: encodeOwnership({ ...ownership, version: contractVersion }),
    scope: context.scope,
    offeringId: offering.id,
    createdAt,
    expiresAt,
    stopGraceMs: stopGraceMs(spec),
    spec,
    accel,
  }
}

/**
 * Makes the whole launch out of sight and moves it into place in one step.
 * False when another controller was first. Nothing is left of one that fails.
 */
export async function stage(context: Context, request: LaunchRequest, call: Call): Promise<boolean> {
  const { launches, staging } = context.paths
  const spec = detailsOf(request.resolved)
  const accel = await context.accelFor(spec.arch, true)
  const chance = Math.floor(context.random.next() * 2 ** 32).toString(36)
  const draft = join(staging, `${request.launchId}.${context.clock.now()}.${chance}`)
  try {
    await mkdir(launches, { recursive: true, mode: 0o700 })
    await mkdir(draft, { recursive: true, mode: 0o700 })
    for (const unit of request.units) await fillUnit(context, draft, { spec, unit, request, call })
    // Nobody waits any more: what is not there yet need not come.
    call.signal.throwIfAborted()
    // Last, so that a life of `afterMs` does not begin with the making of disks.
    const record = launchRecord(context, request, spec, accel)
    await writeFile(join(draft, 'launch.json'), JSON.stringify(record), { mode: 0o600 })
    await rename(draft, join(launches, request.launchId))
    return true
  } catch (error) {
    await removeTree(draft)
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

interface Filling {
  readonly spec: QemuSpec
  readonly unit: Unit
  readonly request: LaunchRequest
  readonly call: Call
}

async function fillUnit(context: Context, draft: string, filling: Filling): Promise<void> {
  const { spec, unit, request, call } = filling
  const paths = unitPaths(draft, unit.index)
  await mkdir(paths.folder, { mode: 0o700 })
  await writeFile(paths.console, '', { mode: 0o600 })
  await writeFile(paths.endedRoom, ' '.repeat(endedRoomBytes), { mode: 0o600 })
  await writeFile(paths.stop, '', { mode: 0o600 })
  await utimes(paths.stop, 0, 0)
  await makeOverlay(spec, paths.overlay, {
    path: context.environment.PATH ?? '',
    timeoutMs: Math.max(1, Math.min(overlayTimeoutMs, call.deadlineMs - context.clock.now())),
    signal: call.signal,
  })
  if (spec.seed === 'none') return
  const id = instanceId({ launchId: request.launchId, index: unit.index })
  await writeFile(paths.seed, seedImage(unit, id, request.userData), { mode: 0o600 })
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
