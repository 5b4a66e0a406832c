import {
  type ContractError,
  contractError,
  contractVersion,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  type Problem,
} from '@agentctl/contract'
import type { Arm } from './arm.ts'
import { machineBody } from './body.ts'
import { capabilities, userDataBytesMax } from './capabilities.ts'
import type { Context } from './context.ts'
import {
  errorOfOperation,
  hasCode,
  hasStatus,
  mayHaveArrived,
  retryAfterOf,
  toContractError,
} from './errors.ts'
import { findMachine, rememberStockOut, stockKey } from './machines.ts'
import { isLaunchId, machineName, placeOf } from './names.ts'
import { instanceOf } from './observe.ts'
import { follow, type Operation } from './operation.ts'
import { detailsOf } from './resolve.ts'

/** How far a launch has come, for what it means that it is cut off. */
export interface Progress {
  step: 'preparing' | 'sent'
}

/**
 * How long a launch waits for its operation to say that there is no host for it; the operation itself ends with the
 * boot. Later than that a list shows the machine `failed`. Unit: milliseconds.
 */
const acceptWithinMs = 10_000

interface Launch {
  readonly context: Context
  readonly arm: Arm
  readonly request: LaunchRequest
  readonly group: string
  readonly name: string
  readonly signal: AbortSignal
}

/**
 * A look, and one PUT that makes a machine or nothing; then its operation for a moment.
 * @throws `invalid-spec`, `conflict`, `launch-spent`, `outcome-unknown`, `capacity-unavailable`, `quota-exceeded`, …
 */
export async function launch(
  context: Context,
  arm: Arm,
  request: LaunchRequest,
  signal: AbortSignal,
  progress: Progress,
): Promise<LaunchResult> {
  assertRequest(request)
  const body = machineBody(context.owner, request, detailsOf(request.resolved))
  const { group } = placeOf(request.offering.scope)
  const name = machineName(context.owner, request.launchId)
  const work: Launch = { context, arm, request, group, name, signal }
  const before = await look(work)
  if (before !== 'gone') return answerFor(context, request, before)
  assertInStock(context, request)
  context.pace.assertRoom('launch')
  const operation = await send(work, body, progress)
  if (operation === 'taken') return answerFor(context, request, await look(work))
  const outcome = await follow(arm, operation, { clock: context.clock, withinMs: acceptWithinMs, signal })
  if (outcome.is === 'unclear') return afterDoubt(work)
  if (outcome.is === 'failed') {
    return afterFailure(work, errorOfOperation(outcome.fault, `launch of ${request.launchId}`))
  }
  return { instances: [accepted(context, request)] }
}

async function send(
  { arm, request, group, name, signal }: Launch,
  body: ReturnType<typeof machineBody>,
  progress: Progress,
): Promise<Operation | 'taken'> {
  let operation: Operation = { url: undefined, retryAfterMs: undefined }
  let status = 0
  try {
    progress.step = 'sent'
    const poller = arm.compute.virtualMachines.createOrUpdate(group, name, body, {
      ifNoneMatch: '*',
      abortSignal: signal,
      onResponse: ({ status: answered, headers }) => {
        status = answered
        const url = headers.get('azure-asyncoperation') ?? headers.get('location')
        operation = { url, retryAfterMs: retryAfterOf(headers) }
      },
    })
    await poller.submitted()
    // It was there, and the PUT has changed nothing: an API version that does not know If-None-Match says so.
    return status === 200 ? 'taken' : operation
  } catch (error) {
    if (hasStatus(error, 412) || hasCode(error, 'PropertyChangeNotAllowed')) return 'taken'
    if (!mayHaveArrived(error)) throw error
    const { message, fault, cause } = toContractError(error, `launch of ${request.launchId}`)
    throw contractError('outcome-unknown', message, { ...(fault !== undefined && { fault }), cause })
  }
}

async function look({
  context,
  arm,
  request,
  group,
  name,
  signal,
}: Launch): Promise<Instance | 'gone' | 'foreign'> {
  const found = await findMachine(arm, group, name, signal)
  if (!found) return 'gone'
  const { owner, log } = context
  return instanceOf({ owner, log, scope: request.offering.scope }, found) ?? 'foreign'
}

/** What stands under the launch's name. @throws `conflict`, `launch-spent`, `outcome-unknown` */
function answerFor(
  context: Context,
  { launchId, digest }: LaunchRequest,
  found: Instance | 'gone' | 'foreign',
): LaunchResult {
  if (found === 'gone') throw contractError('launch-spent', `launch ${launchId} was ended before`)
  if (found === 'foreign' || found.ownership.digest !== digest) {
    throw contractError('conflict', `launch ${launchId} is there already, made from another request`)
  }
  if (found.state === 'unknown') {
    throw contractError(
      'outcome-unknown',
      `the machine of launch ${launchId} is in a state that is not known`,
    )
  }
  if (found.state !== 'pending' && found.state !== 'running') {
    rememberStockOut(context, found)
    throw contractError('launch-spent', `the machine of launch ${launchId} is ${found.state}`)
  }
  return { instances: [found] }
}

/** The machine itself says how it stands. */
async function afterDoubt(work: Launch): Promise<LaunchResult> {
  const found = await look(work)
  const { launchId } = work.request
  if (found === 'gone') throw contractError('outcome-unknown', `launch of ${launchId} is not to be seen yet`)
  if (found !== 'foreign' && found.state === 'failed') {
    return afterFailure(work, errorOfOperation(faultIn(found), `launch of ${launchId}`))
  }
  return answerFor(work.context, work.request, found)
}

function faultIn({ fault = '' }: Instance) {
  const [code, ...words] = fault.split(': ')
  return { code, message: words.join(': ') }
}

/**
 * One that runs all the same is ours and stays. What is left of the others is taken away at once; where that fails, it
 * is listed as failed, and swept. Rule L4
 */
async function afterFailure(work: Launch, error: ContractError): Promise<LaunchResult> {
  const { context, arm, group, name, signal } = work
  const found = await look(work).catch(() => 'unseen' as const)
  if (found === 'gone' || found === 'foreign') throw error
  if (found !== 'unseen' && found.state === 'running') {
    context.log.warn('A machine runs whose creation failed', { machine: name, why: error.fault })
    return { instances: [found] }
  }
  try {
    await arm.compute.virtualMachines
      .delete(group, name, { forceDeletion: true, abortSignal: signal })
      .submitted()
  } catch (cause) {
    const { message } = toContractError(cause, `delete of ${name}`)
    context.log.warn('What is left of a failed launch stays for the sweep', { machine: name, why: message })
  }
  throw error
}

function assertInStock({ stockOuts, clock }: Context, { offering, launchId }: LaunchRequest): void {
  const key = stockKey(offering.scope, offering.id)
  const until = stockOuts.get(key) ?? 0
  if (until > clock.now()) {
    const message = `launch of ${launchId} was not tried: a machine of ${offering.id} has just failed for lack of hosts`
    throw contractError('capacity-unavailable', message)
  }
  stockOuts.delete(key)
}

/** Pure, but for the time that stands in for Azure's own where an expiry counts from it. */
function accepted({ owner, clock }: Context, request: LaunchRequest): Instance {
  const { launchId, digest, offering, pool, agentType, units, expiry } = request
  return {
    kind: 'instance',
    id: machineName(owner, launchId),
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
  const { group, subscription } = placeOf(offering.scope)
  const checks: readonly (readonly [boolean, Problem])[] = [
    [isLaunchId(launchId), { path: 'launchId', message: 'is not 26 characters of [a-z2-7], a letter first' }],
    [group !== '' && subscription !== '', { path: 'offering.scope', message: 'is no place of Azure' }],
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
