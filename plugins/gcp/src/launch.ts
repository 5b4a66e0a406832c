import {
  type ContractError,
  contractError,
  contractVersion,
  hasCode,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  type Problem,
} from '@agentctl/contract'
import { type Compute, deleteInstance, getInstance, insertInstance, type Operation } from './api.ts'
import { instanceBody } from './body.ts'
import { capabilities, userDataBytesMax } from './capabilities.ts'
import type { Context } from './context.ts'
import { hasReason, isNotFound, mayHaveArrived, toContractError } from './errors.ts'
import { idOf, isInRegion, isLaunchId, requestIdOf } from './ids.ts'
import { instanceOf } from './observe.ts'
import { errorOf, untilDone } from './operations.ts'
import { detailsOf } from './spec.ts'

/** How far a launch has come, for what it means that it is cut off. */
export interface Progress {
  step: 'preparing' | 'sent'
}

/**
 * One insert, and its operation to the end: whether a zone has such a machine is only said there. A repeat is ignored
 * by the request id, and by the name after that.
 * @throws `invalid-spec`, `conflict`, `launch-spent`, `outcome-unknown`, `capacity-unavailable`, `quota-exceeded`, …
 */
export async function launch(
  context: Context,
  compute: Compute,
  request: LaunchRequest,
  progress: Progress,
): Promise<LaunchResult> {
  assertRequest(request)
  const { launchId, digest, offering } = request
  const body = instanceBody(context.owner, request, detailsOf(request.resolved))
  const started = await send(context, compute, request, body, progress)
  if (started === 'name-taken') return answerFor(context, compute, request)
  const done = await untilDone(compute, offering.zone, started, context.clock)
  const error = errorOf(done, `launch of ${launchId}`, context.clock.now())
  if (error) throw await undone(context, compute, request, final(error))
  // An operation that was over at once is that of an earlier call: its machine may have ended since.
  if (started.status === 'DONE') return answerFor(context, compute, request)
  context.log.debug('Launched', { machine: launchId, zone: offering.zone, digest })
  return { instances: [accepted(context, request)] }
}

/**
 * A repeat of this launch is answered with the same failed operation, so "the same call later" would never end: the
 * zone does not have the machine now, and another one may.
 */
function final(error: ContractError): ContractError {
  if (!hasCode(error, 'unavailable', 'rate-limited', 'conflict')) return error
  const { message, fault } = error
  return contractError('capacity-unavailable', message, {
    ...(fault !== undefined && { fault }),
    cause: error,
  })
}

async function send(
  context: Context,
  compute: Compute,
  { launchId, digest, offering }: LaunchRequest,
  body: object,
  progress: Progress,
): Promise<Operation | 'name-taken'> {
  try {
    progress.step = 'sent'
    return await insertInstance(compute, offering.zone, body, requestIdOf(launchId, digest))
  } catch (error) {
    if (hasReason(error, 'alreadyExists')) return 'name-taken'
    if (!mayHaveArrived(error)) throw error
    const { message, fault } = toContractError(error, `launch of ${launchId}`, context.clock.now())
    throw contractError('outcome-unknown', message, { ...(fault !== undefined && { fault }), cause: error })
  }
}

/** What stands under the launch's name. @throws `conflict`, `launch-spent` */
async function answerFor(context: Context, compute: Compute, request: LaunchRequest): Promise<LaunchResult> {
  const { launchId, digest, offering } = request
  const found = await look(context, compute, request)
  if (found === 'gone') throw contractError('launch-spent', `launch ${launchId} was ended before`)
  if (found === 'foreign' || found.ownership.digest !== digest) {
    throw contractError(
      'conflict',
      `${offering.zone}/${launchId} is there already, made from another request`,
    )
  }
  if (found.state !== 'pending' && found.state !== 'running') {
    throw contractError('launch-spent', `the machine of launch ${launchId} is ${found.state}`)
  }
  return { instances: [found] }
}

async function look(
  { owner, log }: Context,
  compute: Compute,
  { launchId, offering }: LaunchRequest,
): Promise<Instance | 'gone' | 'foreign'> {
  try {
    const found = await getInstance(compute, offering.zone, launchId)
    return instanceOf({ owner, scope: offering.scope, log }, found) ?? 'foreign'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/**
 * An operation that failed may all the same have made the machine. Then it is taken away before anybody launches
 * another; where that cannot be seen to, the launch stays in doubt. Rule L4
 */
async function undone(
  context: Context,
  compute: Compute,
  request: LaunchRequest,
  error: ContractError,
): Promise<ContractError> {
  const { launchId, offering } = request
  try {
    const found = await look(context, compute, request)
    if (found === 'gone' || found === 'foreign') return error
    await deleteInstance(compute, offering.zone, launchId)
    return error
  } catch (cause) {
    if (isNotFound(cause) || hasReason(cause, 'resourceNotReady')) return error
    const message = `launch of ${launchId} failed, and what is left of it could not be looked at`
    return contractError('outcome-unknown', message, { fault: error.message, cause })
  }
}

/** Pure, but for the time that stands in for the cloud's own where an expiry counts from it. */
function accepted({ owner, clock }: Context, request: LaunchRequest): Instance {
  const { launchId, digest, offering, pool, agentType, units, expiry } = request
  return {
    kind: 'instance',
    id: idOf({ at: offering.zone, name: launchId }),
    scope: offering.scope,
    state: 'pending',
    unitIndex: units[0]?.index ?? 0,
    offeringId: offering.id,
    ownership: {
      owner,
      pool,
      agentType,
      launchId,
      digest,
      units,
      expiresAt: 'at' in expiry ? Math.floor(expiry.at / 1000) * 1000 : clock.now() + expiry.afterMs,
      version: contractVersion,
    },
  }
}

/** Pure. @throws `invalid-spec` with every problem of a request that cannot be carried out */
function assertRequest({ launchId, units, userData, offering }: LaunchRequest): void {
  const [unit] = units
  const hasGoodIndex = unit !== undefined && Number.isInteger(unit.index) && unit.index >= 0
  const checks: readonly (readonly [boolean, Problem])[] = [
    [isLaunchId(launchId), { path: 'launchId', message: 'is not 26 characters of [a-z2-7], a letter first' }],
    [
      isInRegion(offering.zone, offering.scope.region),
      { path: 'offering.zone', message: `is not in ${offering.scope.region}` },
    ],
    [units.length === capabilities.launchBatchMax, { path: 'units', message: 'are not one' }],
    [hasGoodIndex, { path: 'units', message: 'do not have an index, from 0' }],
    [
      userData.byteLength <= userDataBytesMax,
      { path: 'userData', message: `is over ${userDataBytesMax} bytes` },
    ],
  ]
  const problems = checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
  if (problems.length === 0) return
  throw contractError('invalid-spec', `launch ${launchId} cannot be made`, { problems })
}
