import { contractError, type LaunchRequest, tagNames, type Unit } from '@agentctl/contract'
import * as api from './api.ts'
import { containerBody } from './body.ts'
import type { Context } from './context.ts'
import { deliveryFor } from './delivery.ts'
import { isConflict, isNoSuchContainer, mayHaveArrived } from './errors.ts'
import { lookUp } from './find.ts'
import { containerName } from './labels.ts'
import type { DockerSpec } from './spec.ts'

/** Between two looks at a container that somebody else is about to start. Unit: milliseconds. */
const lookEveryMs = 100
/** A container that was made and not started for so long has lost its maker. Unit: milliseconds. */
const abandonedMs = 15_000
/** The same, where the clocks of engine and controller do not agree. Unit: milliseconds. */
const patienceMs = 5_000

export interface BringUp {
  readonly context: Context
  readonly request: LaunchRequest
  readonly spec: DockerSpec
  readonly signal: AbortSignal
}

/**
 * Sees to it that the unit's container was started once, by whomever. Only who made a container puts user data into
 * it, before its start: into one that runs already it would be a copy that nobody removes. So a container that its
 * maker left behind is not finished but replaced, and the engine's refusal of a name that is taken keeps makers apart.
 * @throws `conflict`, `launch-spent`, `outcome-unknown`, or the engine's own errors, with nothing left behind
 */
export async function bringUp(work: BringUp, unit: Unit): Promise<void> {
  const { context, request, signal } = work
  const name = containerName(request.launchId, unit.index)
  // Counted for each container by itself: one that was replaced has a maker who is at it.
  const patience = new Map<string, number>()
  for (;;) {
    const id = await create(work, unit)
    if (id !== undefined && (await start(work, unit, id))) return
    if (id !== undefined) continue
    const found = await lookUp(context, name, signal)
    if (!found) continue
    assertSame(context, request, found)
    if (found.State.Status !== 'created') return
    const now = context.clock.now()
    const givesUpAt = patience.get(found.Id) ?? now + patienceMs
    patience.set(found.Id, givesUpAt)
    const isAbandoned = now - Date.parse(found.Created) > abandonedMs || now > givesUpAt
    if (isAbandoned) await removeUnstarted(work, found.Id)
    else await context.clock.sleep(lookEveryMs, signal)
  }
}

/** The new container's id, or undefined where the name is taken. */
async function create({ context, request, spec, signal }: BringUp, unit: Unit): Promise<string | undefined> {
  const name = containerName(request.launchId, unit.index)
  const body = containerBody(context.owner, request, spec, unit.index)
  try {
    return await api.createContainer(context.engine, { name, platform: spec.platform, body }, signal)
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

function assertSame(
  { owner }: Context,
  { launchId, digest }: LaunchRequest,
  { Config, Name }: api.InspectedContainer,
): void {
  const labels = Config.Labels ?? {}
  if (labels[tagNames.owner] === owner && labels[tagNames.digest] === digest) return
  throw contractError('conflict', `launch ${launchId} is there already, made from another request`, {
    fault: `The container ${Name.replace(/^\//, '')} has this name.`,
  })
}

/** False where somebody else has removed the container meanwhile, taking it for abandoned. */
async function start(work: BringUp, unit: Unit, id: string): Promise<boolean> {
  const { context, request, signal } = work
  const { engine } = context
  try {
    const { Created } = await api.inspectContainer(engine, id, signal)
    if (await hasRunBefore(work, unit, Created)) {
      throw contractError('launch-spent', `launch ${request.launchId} was ended before`)
    }
    const archive = deliveryFor(request, unit.index, expiryOf(request, Created))
    await api.putArchive(engine, id, archive, signal)
    await api.startContainer(engine, id, signal)
    return true
  } catch (error) {
    if (isNoSuchContainer(error)) return false
    if (!mayHaveArrived(error) && !signal.aborted) await undo(work, id)
    throw error
  }
}

/**
 * Whether a container of this unit has run before ours was made, and was removed. The engine remembers its last 256
 * events, until it is restarted; asked while we hold the name, so that no other can come in between.
 */
async function hasRunBefore(
  { context, request, signal }: BringUp,
  unit: Unit,
  created: string,
): Promise<boolean> {
  const label = `${tagNames.launchId}=${request.launchId}`
  const runs = await api.pastRuns(context.engine, { label, until: engineTime(created) }, signal)
  return runs.some(({ name }) => name === containerName(request.launchId, unit.index))
}

/** RFC 3339 with nanoseconds as seconds with nanoseconds. Pure. */
export function engineTime(text: string): string {
  const [, nanoseconds = '0'] = /\.(\d+)/.exec(text) ?? []
  return `${Math.floor(Date.parse(text) / 1000)}.${nanoseconds.padEnd(9, '0').slice(0, 9)}`
}

/** Unit: milliseconds since the epoch; `afterMs` from the whole second of creation, as it is listed. */
function expiryOf({ expiry }: LaunchRequest, created: string): number {
  return 'at' in expiry ? expiry.at : Math.floor(Date.parse(created) / 1000) * 1000 + expiry.afterMs
}

/** Not forced, so that a container that has been started after all stays. */
async function removeUnstarted({ context, signal }: BringUp, id: string): Promise<void> {
  try {
    await api.removeContainer(context.engine, id, false, signal)
  } catch (error) {
    if (!isNoSuchContainer(error) && !isConflict(error)) throw error
  }
}

/** The error that made it needed is the news; what is left is listed, and goes with the next sweep. */
async function undo({ context, request, signal }: BringUp, id: string): Promise<void> {
  try {
    await api.removeContainer(context.engine, id, true, signal)
  } catch (error) {
    if (isNoSuchContainer(error)) return
    context.log.warn('A container that could not be started could not be removed either', {
      launchId: request.launchId,
      container: id,
    })
  }
}
