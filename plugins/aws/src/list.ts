import { type ListFilter, type Resource, type ResourceKind, type Scope, tagNames } from '@agentctl/contract'
import type { EC2, Filter } from '@aws-sdk/client-ec2'
import { diskOf, instanceOf, interfaceOf, type Sight, spotRequestOf } from './observe.ts'

/** Most that each of these lists gives at once. Source: EC2 API reference, MaxResults, 2026-11. */
const pageMax = 1_000

interface Page<T> {
  readonly items: readonly T[] | undefined
  readonly next: string | undefined
}

interface Ask {
  readonly Filters: Filter[]
  readonly MaxResults: number
  readonly NextToken?: string
}

async function* paged<T>(filters: Filter[], ask: (input: Ask) => Promise<Page<T>>): AsyncGenerator<T> {
  let next: string | undefined
  do {
    const page: Page<T> = await ask({
      Filters: filters,
      MaxResults: pageMax,
      ...(next !== undefined && { NextToken: next }),
    })
    yield* page.items ?? []
    next = page.next || undefined
  } while (next !== undefined)
}

type Look = (
  ec2: EC2,
  sight: Sight,
  filters: Filter[],
  abortSignal: AbortSignal,
) => AsyncIterable<Resource | undefined>

/** What EC2 still shows of a spot request that is over costs nothing. */
const openRequests: Filter = { Name: 'state', Values: ['open', 'active'] }

const looks: Readonly<Partial<Record<ResourceKind, Look>>> = {
  async *instance(ec2, sight, filters, abortSignal) {
    const all = paged(filters, async input => {
      const { Reservations, NextToken } = await ec2.describeInstances(input, { abortSignal })
      return { items: Reservations?.flatMap(({ Instances = [] }) => Instances), next: NextToken }
    })
    for await (const found of all) yield instanceOf(sight, found)
  },
  async *disk(ec2, sight, filters, abortSignal) {
    const all = paged(filters, async input => {
      const { Volumes, NextToken } = await ec2.describeVolumes(input, { abortSignal })
      return { items: Volumes, next: NextToken }
    })
    for await (const found of all) yield diskOf(sight, found)
  },
  async *interface(ec2, sight, filters, abortSignal) {
    const all = paged(filters, async input => {
      const { NetworkInterfaces, NextToken } = await ec2.describeNetworkInterfaces(input, { abortSignal })
      return { items: NetworkInterfaces, next: NextToken }
    })
    for await (const found of all) yield interfaceOf(sight, found)
  },
  async *'spot-request'(ec2, sight, filters, abortSignal) {
    const all = paged([...filters, openRequests], async input => {
      const answer = await ec2.describeSpotInstanceRequests(input, { abortSignal })
      return { items: answer.SpotInstanceRequests, next: answer.NextToken }
    })
    for await (const found of all) yield spotRequestOf(sight, found)
  },
}

/** Everything with the owner's tag, each kind by all its pages; a page that fails ends it with an error. Rules S1, S2 */
export async function* list(
  ec2: EC2,
  sight: Sight,
  { kinds, launchId }: ListFilter,
  signal: AbortSignal,
): AsyncGenerator<Resource> {
  const filters = [
    { Name: `tag:${tagNames.owner}`, Values: [sight.owner] },
    ...(launchId === undefined ? [] : [{ Name: `tag:${tagNames.launchId}`, Values: [launchId] }]),
  ]
  const wanted = kinds ?? (Object.keys(looks) as ResourceKind[])
  for (const kind of wanted) {
    const look = looks[kind]
    if (!look) continue
    for await (const found of look(ec2, sight, filters, signal)) if (found) yield found
  }
}

export function sightOf(
  {
    owner,
    log,
    clock,
  }: { readonly owner: string; readonly log: Sight['log']; readonly clock: { now(): number } },
  scope: Scope,
): Sight {
  return { owner, scope, log, now: clock.now() }
}
