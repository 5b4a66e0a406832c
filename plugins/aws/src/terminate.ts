import { contractError, type ResourceRef, tagNames } from '@agentctl/contract'
import type { EC2, Instance as Ec2Instance, Tag } from '@aws-sdk/client-ec2'
import { settleMs } from './capabilities.ts'
import type { Context } from './context.ts'
import { type Ending, type Endings, gatherEndings, type Outcomes } from './endings.ts'
import { isNamed, isNotFound, toContractError } from './errors.ts'

/** Values of one filter. Source: EC2 API reference, Filter, 2026-11. */
const filterValuesMax = 200

/** @throws `not-owned`, `permission-denied`, `rate-limited`, `unavailable`, … */
export function terminate(context: Context, ref: ResourceRef, signal: AbortSignal): Promise<Ending> {
  return ref.kind === 'instance'
    ? endingsIn(context, ref.scope.region).end(ref.id)
    : endPart(context, ref, signal)
}

function endingsIn(context: Context, region: string): Endings {
  const known = context.endings.get(region)
  if (known) return known
  const made = gatherEndings(context.clock, ids => endInstances(context, region, ids))
  context.endings.set(region, made)
  return made
}

async function endInstances(context: Context, region: string, ids: readonly string[]): Promise<Outcomes> {
  const found = await describe(await context.clients.read(region), ids)
  const outcomes = new Map<string, Ending | Error>(ids.map(id => [id, verdictOf(context, id, found.get(id))]))
  const ending = ids.filter(id => outcomes.get(id) === 'accepted' && !isEnding(found.get(id)))
  for (const [id, outcome] of await send(context, await context.clients.write(region), ending)) {
    outcomes.set(id, outcome)
  }
  return outcomes
}

async function describe(ec2: EC2, ids: readonly string[]): Promise<ReadonlyMap<string, Ec2Instance>> {
  const found = new Map<string, Ec2Instance>()
  for (let at = 0; at < ids.length; at += filterValuesMax) {
    const Filters = [{ Name: 'instance-id', Values: ids.slice(at, at + filterValuesMax) }]
    const { Reservations = [] } = await ec2.describeInstances({ Filters, MaxResults: 1_000 })
    for (const one of Reservations.flatMap(({ Instances = [] }) => Instances))
      found.set(one.InstanceId ?? '', one)
  }
  return found
}

function isEnding(found: Ec2Instance | undefined): boolean {
  return found?.State?.Name === 'shutting-down'
}

/** What can be said before anything is sent; `accepted` where it is to be sent, or was. */
function verdictOf(
  { owner, launchedAt, clock }: Context,
  id: string,
  found: Ec2Instance | undefined,
): Ending | Error {
  // Our own launch of a moment ago may not be shown yet; that it is ours is known.
  const isFresh = clock.now() - (launchedAt.get(id) ?? Number.NEGATIVE_INFINITY) < settleMs
  if (!found) return isFresh ? 'accepted' : 'gone'
  if (!isOwned(found.Tags, owner)) return notOwned(id, owner)
  return found.State?.Name === 'terminated' ? 'gone' : 'accepted'
}

export function isOwned(tags: readonly Tag[] | undefined, owner: string): boolean {
  return tags?.some(({ Key, Value }) => Key === tagNames.owner && Value === owner) ?? false
}

export function notOwned(id: string, owner: string) {
  return contractError('not-owned', `${id} has no tag of the owner ${owner}: it was left alone`)
}

/** All at once; where one id makes the call fail as a whole, each alone. */
async function send(context: Context, ec2: EC2, ids: readonly string[]): Promise<Outcomes> {
  if (ids.length === 0) return new Map()
  try {
    await ec2.terminateInstances({ InstanceIds: [...ids] })
    return new Map(ids.map(id => [id, 'accepted']))
  } catch (error) {
    const isAboutOne = isNotFound(error) || isNamed(error, 'OperationNotPermitted', 'UnauthorizedOperation')
    if (ids.length === 1 || !isAboutOne) {
      return new Map(
        ids.map(id => [id, isNotFound(error) ? 'accepted' : toContractError(error, `terminate of ${id}`)]),
      )
    }
    context.log.info('A terminate of many failed for one of them; each is ended by itself', {
      instances: ids.length,
      why: error instanceof Error ? error.name : '',
    })
    const alone = await Promise.all(ids.map(id => send(context, ec2, [id])))
    return new Map(alone.flatMap(outcomes => [...outcomes]))
  }
}

interface PartCalls {
  readonly find: (
    ec2: EC2,
    id: string,
    signal: AbortSignal,
  ) => Promise<{ readonly tags: readonly Tag[] | undefined } | undefined>
  readonly end: (ec2: EC2, id: string, signal: AbortSignal) => Promise<unknown>
}

const parts: Readonly<Partial<Record<ResourceRef['kind'], PartCalls>>> = {
  disk: {
    find: async (ec2, id, abortSignal) => {
      const { Volumes = [] } = await ec2.describeVolumes({ VolumeIds: [id] }, { abortSignal })
      return Volumes[0] && { tags: Volumes[0].Tags }
    },
    end: (ec2, id, abortSignal) => ec2.deleteVolume({ VolumeId: id }, { abortSignal }),
  },
  interface: {
    find: async (ec2, id, abortSignal) => {
      const answer = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [id] }, { abortSignal })
      const found = answer.NetworkInterfaces?.[0]
      return found && { tags: found.TagSet }
    },
    end: (ec2, id, abortSignal) => ec2.deleteNetworkInterface({ NetworkInterfaceId: id }, { abortSignal }),
  },
  'spot-request': {
    find: async (ec2, id, abortSignal) => {
      const Filters = [{ Name: 'spot-instance-request-id', Values: [id] }]
      const answer = await ec2.describeSpotInstanceRequests({ Filters }, { abortSignal })
      const open = answer.SpotInstanceRequests?.find(({ State }) => State === 'open' || State === 'active')
      return open && { tags: open.Tags }
    },
    end: (ec2, id, abortSignal) =>
      ec2.cancelSpotInstanceRequests({ SpotInstanceRequestIds: [id] }, { abortSignal }),
  },
}

/** A volume, an interface or a spot request that is left over. */
async function endPart(
  context: Context,
  { kind, id, scope }: ResourceRef,
  signal: AbortSignal,
): Promise<Ending> {
  const calls = parts[kind]
  if (!calls) return 'gone'
  try {
    const found = await calls.find(await context.clients.read(scope.region), id, signal)
    if (!found) return 'gone'
    if (!isOwned(found.tags, context.owner)) throw notOwned(id, context.owner)
    await calls.end(await context.clients.write(scope.region), id, signal)
    return 'accepted'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}
