import { type Instance, type ResourceState, tagNames } from '@agentctl/contract'
import { type ListedContainer, listContainers } from './api.ts'
import type { Context } from './context.ts'
import { labelNames, ownershipOf, unitIndexOf } from './labels.ts'

/** A container that nobody has started by then was left behind by a controller that died. Unit: milliseconds. */
const neverStartedMs = 30_000

/** The engine's words for a container's state. */
export const states: Readonly<Record<string, ResourceState>> = {
  created: 'pending',
  running: 'running',
  paused: 'running',
  restarting: 'running',
  removing: 'stopping',
  // Podman's.
  stopping: 'stopping',
  stopped: 'stopped',
  exited: 'stopped',
  dead: 'failed',
}

/** Everything of this owner, or of one launch, in one request. Rules S1 and S2. */
export async function observe(
  context: Context,
  launchId: string | undefined,
  signal: AbortSignal,
): Promise<readonly Instance[]> {
  const labels = [
    `${tagNames.owner}=${context.owner}`,
    ...(launchId === undefined ? [] : [`${tagNames.launchId}=${launchId}`]),
  ]
  const found = await listContainers(context.engine, labels, signal)
  return found.flatMap(container => instanceOf(context, container) ?? [])
}

/** Undefined where this owner's labels are not on it. */
export function instanceOf(context: Context, container: ListedContainer): Instance | undefined {
  const { Names, Created, NetworkSettings } = container
  const labels = container.Labels ?? {}
  const createdAt = Created * 1000
  const ownership = ownershipOf(labels, context.owner, createdAt)
  if (!ownership) return undefined
  const id = nameOf(Names) ?? container.Id
  const { state, fault } = judge(context, container)
  const networks = Object.values(NetworkSettings?.Networks ?? {})
  const address = networks.map(network => network?.IPAddress).find(Boolean)
  const offeringId = labels[labelNames.offering]
  return {
    kind: 'instance',
    id,
    scope: context.scope,
    state,
    ownership,
    unitIndex: unitIndexOf(labels),
    createdAt,
    ...(offeringId !== undefined && { offeringId }),
    ...(address !== undefined && { address }),
    ...(fault !== undefined && { fault }),
  }
}

/** Names have a slash in front; names of links have another one inside. */
function nameOf(names: readonly string[]): string | undefined {
  return names.map(name => name.replace(/^\//, '')).find(name => !name.includes('/'))
}

function judge(
  { clock, log, stops }: Context,
  { Id, State, Status, Created }: ListedContainer,
): { readonly state: ResourceState; readonly fault?: string } {
  const state = states[State.toLowerCase()]
  if (state === undefined) {
    log.warn('A container is in a state that is not known', { state: State, container: Id })
    return { state: 'unknown', fault: State }
  }
  if (state === 'running' && stops.has(Id)) return { state: 'stopping' }
  if (state === 'pending' && clock.now() - Created * 1000 > neverStartedMs) {
    return { state: 'failed', fault: 'was made and never started' }
  }
  const [, exit] = /^Exited \((\d+)\)/.exec(Status) ?? []
  const hasFailed = exit !== undefined && exit !== '0'
  return { state, ...(hasFailed && { fault: `exit code ${exit}${exitWords[exit] ?? ''}` }) }
}

const exitWords: Readonly<Record<string, string>> = {
  '70': ': the guest could not begin, its console says why',
  '125': ': the engine could not run it',
  '137': ': killed, by its deadline, for memory, or from outside',
}
