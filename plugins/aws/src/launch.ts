import {
  contractError,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  tagNames,
} from '@agentctl/contract'
import type { EC2, Instance as Ec2Instance } from '@aws-sdk/client-ec2'
import { assertRequest, runInstancesBody } from './body.ts'
import type { Context } from './context.ts'
import { isNamed, mayHaveArrived, toContractError } from './errors.ts'
import { sightOf } from './list.ts'
import { instanceOf } from './observe.ts'

/** EC2 tells the time of a launch in whole seconds. Unit: milliseconds. */
const launchTimeStepMs = 1_000
const liveStates: readonly Instance['state'][] = ['pending', 'running', 'unknown']

/** How far a launch has come, for what it means that it is cut off. */
export interface Progress {
  step: 'preparing' | 'sent'
}

/**
 * One RunInstances, with the launch id as its client token.
 * @throws `invalid-spec`, `conflict`, `launch-spent`, `outcome-unknown`, `capacity-unavailable`, `quota-exceeded`, …
 */
export async function launch(
  context: Context,
  request: LaunchRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<LaunchResult> {
  assertRequest(request)
  const { region } = request.offering.scope
  const body = runInstancesBody(context.owner, request)
  const ec2 = await context.clients.write(region)
  const startedAt = context.clock.now()
  try {
    progress.step = 'sent'
    const { Instances = [] } = await ec2.runInstances(body, { abortSignal: signal })
    const isRepeat = Instances.some(one => isOld(context, one, startedAt))
    const answer = isRepeat ? await inLists(context, request, Instances, signal) : Instances
    return resultOf(context, request, answer)
  } catch (error) {
    if (isNamed(error, 'IdempotentParameterMismatch')) throw await mismatch(context, request, error, signal)
    if (!mayHaveArrived(error)) throw error
    const { message, fault } = toContractError(error, `launch of ${request.launchId}`)
    throw contractError('outcome-unknown', message, { ...(fault !== undefined && { fault }), cause: error })
  }
}

function isOld({ launchedAt }: Context, { InstanceId, LaunchTime }: Ec2Instance, startedAt: number): boolean {
  if (launchedAt.has(InstanceId ?? '')) return true
  return LaunchTime !== undefined && LaunchTime.getTime() < startedAt - launchTimeStepMs
}

/** The answer of a repeat may tell of instances as they were; the list knows better, of those that it shows. */
async function inLists(
  context: Context,
  request: LaunchRequest,
  answer: readonly Ec2Instance[],
  signal: AbortSignal,
): Promise<readonly Ec2Instance[]> {
  const ec2 = await context.clients.read(request.offering.scope.region)
  const listed = new Map((await byToken(ec2, request.launchId, signal)).map(one => [one.InstanceId, one]))
  return answer.map(one => listed.get(one.InstanceId) ?? one)
}

async function byToken(ec2: EC2, launchId: string, signal: AbortSignal): Promise<readonly Ec2Instance[]> {
  const Filters = [{ Name: 'client-token', Values: [launchId] }]
  const { Reservations = [] } = await ec2.describeInstances({ Filters }, { abortSignal: signal })
  return Reservations.flatMap(({ Instances = [] }) => Instances)
}

function resultOf(context: Context, request: LaunchRequest, answer: readonly Ec2Instance[]): LaunchResult {
  const { launchId, units, offering } = request
  const sight = sightOf(context, offering.scope)
  const all = answer.flatMap(one => instanceOf(sight, one) ?? [])
  const instances = all.filter(({ state }) => liveStates.includes(state))
  for (const { id } of instances) context.launchedAt.set(id, sight.now)
  if (instances.length === 0 && all.length > 0) throw spent(launchId)
  if (instances.length === 0) {
    throw contractError('outcome-unknown', `launch ${launchId} was accepted, and no instance was told`)
  }
  context.log.debug('Launched', { launch: launchId, instances: instances.length, offering: offering.id })
  if (instances.length === units.length) return { instances }
  if (instances.length < all.length) return { instances, shortfall: spent(launchId) }
  const message = `EC2 had ${instances.length} of ${units.length} machines for ${offering.id}`
  return { instances, shortfall: contractError('capacity-unavailable', message) }
}

function spent(launchId: string) {
  return contractError('launch-spent', `the instances of launch ${launchId} have ended`)
}

/** EC2 also says so of a token whose instances have ended. Rules L2, L6 */
async function mismatch(context: Context, request: LaunchRequest, error: unknown, signal: AbortSignal) {
  const { launchId, digest, offering } = request
  const ec2 = await context.clients.read(offering.scope.region)
  const found = await byToken(ec2, launchId, signal)
  const isSame = found.every(({ Tags = [] }) =>
    Tags.some(tag => tag.Key === tagNames.digest && tag.Value === digest),
  )
  const isOver = found.every(one => one.State?.Name === 'terminated' || one.State?.Name === 'shutting-down')
  return found.length > 0 && isSame && isOver ? spent(launchId) : error
}
