import {
  type Call,
  contractError,
  contractVersion,
  hasCode,
  type Instance,
  isInstance,
  type LaunchRequest,
  type LaunchResult,
} from '@agentctl/contract'
import { type LaunchAnswer, type LaunchOrder, nameOf } from './accept.ts'
import { toContractError } from './errors.ts'
import type { Seat } from './provider.ts'
import type { SimFault } from './sim-fault.ts'
import { isSimFault } from './sim-fault.ts'
import type { SimDetails } from './spec.ts'
import type { SimResource } from './state.ts'
import { toResource } from './statuses.ts'
import { tagsOf } from './tags.ts'

const liveStates: readonly string[] = ['pending', 'running']

/** Launches on a cloud of one kind of idempotency. */
export type Launch = (request: LaunchRequest, call: Call) => Promise<LaunchResult>

export function createLaunch(seat: Seat): Launch {
  const ways = { token: byToken, name: byName, 'tag-lookup': byTagLookup(seat) } as const
  const way = ways[seat.traits.idempotency]
  return async (request, call) => {
    refuseInvalid(seat, request)
    return way(seat, request, call)
  }
}

/** Rule U1: before any call. */
function refuseInvalid({ traits }: Seat, { userData, units, launchId }: LaunchRequest): void {
  const { userDataBytesMax, launchBatchMax } = traits
  const problems = [
    ...(userData.length > userDataBytesMax
      ? [{ path: 'userData', message: `is ${userData.length} bytes, at most ${userDataBytesMax} fit` }]
      : []),
    ...(units.length < 1 || units.length > launchBatchMax
      ? [{ path: 'units', message: `are ${units.length}, must be 1 to ${launchBatchMax}` }]
      : []),
  ]
  if (problems.length > 0) {
    throw contractError('invalid-spec', `sim: launch ${launchId} cannot be sent`, { problems })
  }
}

function orderOf({ owner }: Seat, request: LaunchRequest): LaunchOrder {
  const { launchId, offering, units, userData, resolved } = request
  const { bootMs, jobMs } = resolved.details as SimDetails
  return {
    by: owner,
    launchId,
    offering,
    count: units.length,
    tags: tagsOf(owner, contractVersion, request),
    userData,
    ...(bootMs !== undefined && { bootMs }),
    ...(jobMs !== undefined && { jobMs }),
  }
}

async function byToken(seat: Seat, request: LaunchRequest, call: Call): Promise<LaunchResult> {
  try {
    return resultOf(seat, request, call, await seat.api.launch(orderOf(seat, request), call))
  } catch (error) {
    throw launchError(request, error)
  }
}

/** A taken name is looked at: ours and alive is the answer, ours and over is spent, another request is a conflict. */
async function byName(seat: Seat, request: LaunchRequest, call: Call): Promise<LaunchResult> {
  try {
    return resultOf(seat, request, call, await seat.api.launch(orderOf(seat, request), call))
  } catch (error) {
    if (!isSimFault(error) || error.simCode !== 'NameTaken') throw launchError(request, error)
  }
  try {
    const { scope } = request.offering
    const found = await Promise.all(
      request.units.map(({ index }) => seat.api.named(scope, nameOf(request.launchId, index), call)),
    )
    return adopted(
      seat,
      request,
      call,
      found.flatMap(resource => resource ?? []),
    )
  } catch (error) {
    throw launchError(request, error)
  }
}

/**
 * The cloud knows no key, so it is asked for the launch id first, one launch of an id at a time. What may have been
 * made and does not show yet stays in doubt for as long as the listing may lag.
 */
function byTagLookup({ clock, traits }: Seat): typeof byToken {
  const turns = new Map<string, Promise<unknown>>()
  const made = new Map<string, { until: number; instances?: readonly SimResource[] }>()
  const attempt = async (seat: Seat, request: LaunchRequest, call: Call): Promise<LaunchResult> => {
    const { launchId, offering } = request
    const query = { owner: seat.owner, kinds: ['instance' as const], launchId }
    const { items } = await seat.api.list(offering.scope, query, call).catch((error: unknown) => {
      throw toContractError(`sim: look-up of launch ${launchId}`, error)
    })
    const recent = made.get(launchId)
    const isRecent = recent !== undefined && clock.now() < recent.until
    if (items.length > 0) return adopted(seat, request, call, items)
    if (isRecent && recent.instances) return adopted(seat, request, call, recent.instances)
    if (isRecent)
      throw contractError(
        'outcome-unknown',
        `sim: launch ${launchId} may have been accepted and is not listed yet`,
      )
    const until = clock.now() + traits.settleMs
    try {
      const answer = await seat.api.launch(orderOf(seat, request), call)
      made.set(launchId, { until, instances: answer.instances })
      return resultOf(seat, request, call, answer)
    } catch (error) {
      const refused = launchError(request, error)
      if (hasCode(refused, 'outcome-unknown')) made.set(launchId, { until })
      throw refused
    }
  }
  return (seat, request, call) => {
    const before = turns.get(request.launchId) ?? Promise.resolve()
    const turn = before.then(
      () => attempt(seat, request, call),
      () => attempt(seat, request, call),
    )
    turns.set(request.launchId, turn)
    const leave = () => {
      if (turns.get(request.launchId) === turn) turns.delete(request.launchId)
    }
    turn.then(leave, leave)
    return turn
  }
}

function adopted(
  seat: Seat,
  request: LaunchRequest,
  call: Call,
  found: readonly SimResource[],
): LaunchResult {
  const { launchId, digest } = request
  const instances = found
    .flatMap(resource => toResource(resource, seat.owner, call.log) ?? [])
    .filter(isInstance)
  if (instances.length === 0) {
    throw contractError('conflict', `sim: launch ${launchId}: its name is taken by what is not ours`)
  }
  if (instances.some(({ ownership }) => ownership.digest !== digest)) {
    throw contractError('conflict', `sim: launch ${launchId} was used for another request`)
  }
  return withoutEnded(request, instances)
}

function resultOf(
  seat: Seat,
  request: LaunchRequest,
  call: Call,
  { instances, short }: LaunchAnswer,
): LaunchResult {
  const own = instances
    .flatMap(resource => toResource(resource, seat.owner, call.log) ?? [])
    .filter(isInstance)
  return withoutEnded(request, own, short)
}

/** Rules L6 and L7: what has ended is no answer, what is missing has a reason. */
function withoutEnded(
  request: LaunchRequest,
  instances: readonly Instance[],
  short?: SimFault,
): LaunchResult {
  const { launchId, units } = request
  const alive = instances.filter(({ state }) => liveStates.includes(state))
  const ended = contractError(
    'launch-spent',
    `sim: launch ${launchId}: ${instances.length - alive.length} of its instances have ended`,
  )
  if (alive.length === 0) throw ended
  if (alive.length === units.length) return { instances: alive }
  return { instances: alive, shortfall: short ? launchError(request, short) : ended }
}

function launchError({ launchId }: LaunchRequest, error: unknown) {
  return toContractError(`sim: launch ${launchId}`, error, true)
}
