import {
  type Call,
  type ContractError,
  contractError,
  hasCode,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  type Unit,
} from '@agentctl/contract'
import { assertRequest } from './assert-request.ts'
import { type BringUp, bringUp } from './bring-up.ts'
import type { Context } from './context.ts'
import { mayHaveArrived, toContractError } from './errors.ts'
import { observe } from './observe.ts'
import { ensureImage } from './pull.ts'
import { detailsOf } from './spec.ts'

/** Containers that one launch makes and starts at the same time. */
const atOnce = 4

/** How far a launch has come, for what it means that it is cut off. */
export interface Progress {
  step: 'looking' | 'pulling' | 'making'
}

/**
 * One launch; a repeat finds what is there and makes what is missing.
 * @throws `invalid-spec`, `conflict`, `launch-spent`, `outcome-unknown`, `capacity-unavailable`, `unavailable`, …
 */
export async function launch(
  context: Context,
  request: LaunchRequest,
  call: Call,
  signal: AbortSignal,
  progress: Progress,
): Promise<LaunchResult> {
  assertRequest(context, request)
  const spec = detailsOf(request.resolved)
  const before = await observe(context, request.launchId, signal)
  if (before.some(({ ownership }) => ownership.digest !== request.digest)) {
    throw contractError('conflict', `launch ${request.launchId} is there already, made from another request`)
  }
  const missing = request.units.filter(unit => !before.some(one => isUp(one, unit)))
  if (missing.length === 0) return outcome(request, before, [])
  progress.step = 'pulling'
  await ensureImage(context, spec, call, signal)
  progress.step = 'making'
  const faults = await bringUpAll({ context, request, spec, signal }, missing)
  return outcome(request, await observe(context, request.launchId, signal), faults)
}

/** Whether the unit's container has been started, whatever has become of it. */
function isUp({ unitIndex, state }: Instance, { index }: Unit): boolean {
  return unitIndex === index && !['pending', 'failed'].includes(state)
}

async function bringUpAll(work: BringUp, units: readonly Unit[]): Promise<readonly ContractError[]> {
  const waiting = [...units]
  const faults: ContractError[] = []
  const worker = async () => {
    for (let unit = waiting.shift(); unit; unit = waiting.shift()) {
      try {
        await bringUp(work, unit)
      } catch (error) {
        faults.push(faultOf(work.request, error))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, units.length) }, worker))
  return faults
}

/** A request that may have arrived: rule L5. */
function faultOf({ launchId }: LaunchRequest, error: unknown): ContractError {
  const known = toContractError(error, `launch of ${launchId}`)
  if (!mayHaveArrived(error) || known.code === 'outcome-unknown') return known
  const { message, hint, fault } = known
  return contractError('outcome-unknown', message, {
    ...(hint !== undefined && { hint }),
    ...(fault !== undefined && { fault }),
    cause: error,
  })
}

function outcome(
  request: LaunchRequest,
  seen: readonly Instance[],
  faults: readonly ContractError[],
): LaunchResult {
  const decisive = faults.find(fault => hasCode(fault, 'outcome-unknown', 'conflict', 'cancelled'))
  if (decisive) throw decisive
  const [fault = spent(request)] = faults
  // What has ended or is ending is never given out as accepted. Rule L6.
  const instances = seen.filter(isLive).toSorted((a, b) => a.unitIndex - b.unitIndex)
  if (instances.length === request.units.length) return { instances }
  if (instances.length === 0) throw fault
  return { instances, shortfall: fault }
}

function isLive({ state }: Instance): boolean {
  return state === 'pending' || state === 'running'
}

function spent({ launchId }: LaunchRequest): ContractError {
  return contractError('launch-spent', `launch ${launchId} was ended before`)
}
