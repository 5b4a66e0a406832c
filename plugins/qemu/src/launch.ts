import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Call,
  type ContractError,
  contractError,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  type Problem,
  scopeKey,
} from '@agentctl/contract'
import { launchBatchMax, userDataBytesMax } from './capabilities.ts'
import type { Context } from './context.ts'
import { tableError, toContractError } from './errors.ts'
import { programPath, removeTree, takePlace } from './files.ts'
import { dropHusk, tidy } from './housekeeping.ts'
import { type Observed, observeLaunch } from './observe.ts'
import { isLaunchId } from './paths.ts'
import { nobody } from './records.ts'
import { detailsOf, type QemuSpec, resolvedOf } from './spec.ts'
import { hasTombstone } from './spent.ts'
import { stage } from './staging.ts'

/**
 * One launch, all of it or nothing; a repeat finds it and starts what is not started yet.
 * @throws `invalid-spec`, `unsupported`, `conflict`, `launch-spent`, `capacity-unavailable`, `permission-denied`
 */
export async function launch(context: Context, request: LaunchRequest, call: Call): Promise<LaunchResult> {
  assertRequest(context, request)
  await tidy(context)
  const folder = join(context.paths.launches, request.launchId)
  if (!existsSync(folder)) {
    await assertUnspent(context, request)
    await assertQemu(context, detailsOf(request.resolved))
    const isOurs = await stage(context, request, call)
    if (isOurs && (await hasTombstone(context, request.launchId))) {
      // Another controller made this launch, ran it and ended it while we made ours.
      await removeTree(folder)
      throw spent(request)
    }
  }
  const found = await observeLaunch(context, request.launchId)
  if (found.length === 0) throw spent(request)
  if (found.some(({ instance }) => instance.ownership.digest !== request.digest)) throw conflict(request)
  const faults = await startAll(context, found)
  return outcome(context, request, faults)
}

async function outcome(
  context: Context,
  request: LaunchRequest,
  faults: readonly ContractError[],
): Promise<LaunchResult> {
  const left = await observeLaunch(context, request.launchId)
  const [fault] = faults
  if (left.length === 0) await dropHusk(context, request.launchId)
  // What has ended or is ending is never given out as accepted. Rule L6.
  const instances = left.map(({ instance }) => instance).filter(isLive)
  if (instances.length === request.units.length) return { instances }
  if (instances.length === 0) throw fault ?? spent(request)
  return { instances, shortfall: fault ?? spent(request) }
}

function isLive({ state }: Instance): boolean {
  return state === 'pending' || state === 'running'
}

/** Starts what can be started. What the system refuses to start goes, so that it is not waited for. */
async function startAll(context: Context, found: readonly Observed[]): Promise<ContractError[]> {
  const waiting = found.filter(({ instance }) => instance.state === 'pending')
  const faults = await Promise.all(
    waiting.map(async ({ unit, instance }) => {
      try {
        await context.start(unit, instance.id)
        return []
      } catch (error) {
        // Another controller has ended it meanwhile.
        if (!existsSync(unit.folder)) return []
        // Whoever holds the place decides: with us in it, no guest host can come any more.
        if (!takePlace(unit.host, nobody)) return []
        await removeTree(unit.folder)
        return [toContractError(error, `start of ${instance.id}`)]
      }
    }),
  )
  return faults.flat()
}

/** Found out before anything is made, as a guest host that finds no QEMU can only fail. */
async function assertQemu({ environment }: Context, { arch }: QemuSpec): Promise<void> {
  if (await programPath(`qemu-system-${arch}`, environment.PATH ?? '')) return
  throw tableError(`no-qemu-${arch}`, `PATH is ${environment.PATH}`)
}

async function assertUnspent(context: Context, request: LaunchRequest): Promise<void> {
  if (await hasTombstone(context, request.launchId)) throw spent(request)
}

function spent({ launchId }: LaunchRequest): ContractError {
  return contractError('launch-spent', `launch ${launchId} was ended before`)
}

function conflict({ launchId }: LaunchRequest): ContractError {
  return contractError('conflict', `launch ${launchId} is there already, made from another request`)
}

function assertRequest(context: Context, request: LaunchRequest): void {
  const { launchId, units, userData, offering, resolved } = request
  const known = resolvedOf(detailsOf(resolved), context.scope).offerings.map(({ id }) => id)
  const indexes = new Set(units.map(({ index }) => index))
  const checks: readonly (readonly [boolean, Problem])[] = [
    [isLaunchId(launchId), { path: 'launchId', message: 'is not 26 characters of [a-z2-7], a letter first' }],
    [
      scopeKey(offering.scope) === scopeKey(context.scope),
      { path: 'offering.scope', message: `is not this machine, ${scopeKey(context.scope)}` },
    ],
    [known.includes(offering.id), { path: 'offering.id', message: `is not ${known.join(', ')}` }],
    [
      units.length >= 1 && units.length <= launchBatchMax,
      { path: 'units', message: `are not 1 to ${launchBatchMax}` },
    ],
    [
      indexes.size === units.length &&
        [...indexes].every(index => Number.isInteger(index) && index >= 0 && index < 1e4),
      { path: 'units', message: 'do not have an index each, from 0' },
    ],
    [
      userData.byteLength <= userDataBytesMax,
      { path: 'userData', message: `is over ${userDataBytesMax} bytes` },
    ],
  ]
  const problems = checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
  if (problems.length === 0) return
  throw contractError('invalid-spec', `launch ${launchId} cannot be made`, { problems })
}
