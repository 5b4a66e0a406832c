import { type ContractError, contractError } from '@agentctl/contract'
import { wantsOfCount, wantsOfJobs, wantsOfQueue } from '../demand/fixed.ts'
import { patiently } from '../engine/patiently.ts'
import { type Asking, tick } from '../engine/tick.ts'
import type { Action, Want } from '../fleet/actions.ts'
import { claims } from '../fleet/mine.ts'
import { isAlive, isStuck, type Picture, type UnitView } from '../fleet/picture.ts'
import type { Policy } from '../fleet/policy.ts'
import { surplusIn } from '../fleet/surplus.ts'
import { attemptsMaxOf, type WantState, wantStates } from '../fleet/wants.ts'
import type { Context } from './context.ts'
import { type HubLook, openHubLooks } from './hub-looks.ts'
import { refuseBesideCoordinator } from './one-controller.ts'
import { openSession, type Session } from './session.ts'

/** Where lists cost, the last one counts for several ticks, and the hub is asked half as often. */
const tickMs = { free: 1_000, paced: 2_000 } as const
/** Time that the end after Ctrl-C may take: to stop launching, or to see everything gone. */
const goodbyeMs = { run: 10_000, drain: 10_000, end: 30_000 } as const

export interface ProvisionRequest {
  readonly pools: readonly string[]
  readonly demand:
    | { readonly kind: 'queued' }
    | { readonly kind: 'jobs'; readonly ids: readonly string[] }
    | { readonly kind: 'count'; readonly count: number }
  readonly concurrency: number
  /** Leave once everything is launched. */
  readonly isDetached: boolean
  /** How long nothing may happen before what still waits is given up. */
  readonly patienceMs: number
  /** Asked each tick: what a signal wants. */
  readonly intent: () => Policy['intent']
  /** Cuts the wait between two ticks short. */
  readonly wake: AbortSignal
  readonly onTick: (progress: Progress) => void
}

export interface Progress {
  readonly now: number
  readonly runId: string
  readonly wants: readonly { readonly want: Want; readonly state: WantState }[]
  /** This command's machines, also those that are gone. */
  readonly units: readonly UnitView[]
  readonly aliveCount: number
  readonly actions: readonly Action[]
  readonly hubLimited: readonly string[]
}

export interface ProvisionResult extends Progress {
  readonly startedAt: number
  /** Most machines alive at once, as seen by the ticks. */
  readonly alivePeak: number
  /** What stopped it before its end. */
  readonly stoppedBy?: ContractError
}

/** Launches, waits until every agent has left, ends the machines: until its own units are gone. */
export async function provision(context: Context, request: ProvisionRequest): Promise<ProvisionResult> {
  refuseBesideCoordinator(context, 'provision')
  await using session = await openSession(context, 'provision', request.pools, request.wake)
  const startedAt = context.effects.clock.now()
  const reading = { ...context, signal: AbortSignal.any([context.signal, request.wake]) }
  const asked = await demanded(reading, session, request)
  // What an earlier command did for the same jobs is over: they are queued, or asked for, now.
  const wants = asked.map(want => ({ ...want, since: startedAt }))
  return await until(context, session, request, wants, startedAt)
}

async function demanded(
  context: Context,
  session: Session,
  { demand, patienceMs }: ProvisionRequest,
): Promise<readonly Want[]> {
  const { engine, agentTypes } = session
  const types = [...agentTypes.keys()]
  const [only] = types
  if (demand.kind !== 'queued') {
    if (only === undefined || types.length > 1) {
      throw contractError(
        'invalid-spec',
        `Jobs and counts need one agent type; these pools serve ${types.join(', ') || 'none'}`,
        {
          hint: 'Choose a pool of one agent type with --pool.',
        },
      )
    }
    return demand.kind === 'count'
      ? wantsOfCount(only, demand.count, engine.runId)
      : wantsOfJobs(only, [...new Set(demand.ids)])
  }
  const { effects, log, signal } = context
  const waiting = { ...effects, log, signal, patienceMs }
  const queues = types.map(async type => {
    const queue = await patiently(waiting, () => engine.hub.queue(type, context.signal))
    const isBound = context.settings.agentTypes[type]?.binding === 'job'
    return isBound
      ? wantsOfQueue(type, queue, engine.runId)
      : wantsOfCount(type, queue.queuedCount, engine.runId)
  })
  return (await Promise.all(queues)).flat()
}

async function until(
  { settings, effects, signal }: Context,
  session: Session,
  request: ProvisionRequest,
  wants: readonly Want[],
  startedAt: number,
): Promise<ProvisionResult> {
  const { engine, agentTypes, pools, scopes } = session
  const { clock } = effects
  const isPaced = [...engine.providers.values()].some(one => one.capabilities.listEveryMs !== undefined)
  const pauseMs = isPaced ? tickMs.paced : tickMs.free
  let stoppedBy: ContractError | undefined
  let drainingSince: number | undefined
  let alivePeak = 0
  let last = { at: startedAt, headway: -1 }
  let isGivenUp = false
  let hubLook: HubLook = { queues: [] }
  const nextHubLook = openHubLooks(startedAt)

  const policyAt = (now: number): Policy => {
    const isRunOver = session.isRunOver(now)
    const intent = stoppedBy && request.intent() === 'run' ? 'drain' : request.intent()
    return {
      owner: engine.owner,
      pools,
      agentTypes,
      wants,
      concurrency: isGivenUp ? 0 : request.concurrency,
      intent,
      isMine: launch => claims({ runId: engine.runId, pools, isRunOver, intent }, launch),
      maxAlive: settings.maxMachines,
      surplus: new Map(),
    }
  }
  const asking: Asking = {
    keysOf: () => wants.map(want => want.key),
    policyOf: ({ picture, now }) => ({ ...policyAt(now), surplus: surplusIn(picture) }),
  }

  for (;;) {
    session.beat()
    const looking = { scopes, kinds: ['instance'] as const, agentTypes: [...agentTypes.keys()] }
    const report = await tick(engine, asking, { ...looking, ...hubLook })
    const progress = progressOf(session, policyAt(clock.now()), report.picture, report.actions, clock.now())
    alivePeak = Math.max(alivePeak, progress.aliveCount)
    request.onTick(progress)
    stoppedBy ??= report.fatal
    hubLook = nextHubLook(progress, clock.now())

    // Between two looks at the queue less is known of the wants, which is no headway when it is known again.
    const headway = headwayOf(progress)
    if (headway > last.headway) last = { at: clock.now(), headway }
    const result = { ...progress, startedAt, alivePeak, ...(stoppedBy && { stoppedBy }) }
    if (isOver(progress, request.isDetached)) return result

    const intent = policyAt(clock.now()).intent
    if (intent !== 'run') {
      drainingSince ??= clock.now()
      const isDrained = intent === 'drain' && progress.units.every(isLeftAlone) && report.actions.length === 0
      if (isDrained || clock.now() - drainingSince > goodbyeMs[intent]) return result
    }
    const isPatienceOver = clock.now() - last.at > request.patienceMs
    if (isNothingToCome(progress) && (isPatienceOver || isGivenUp)) return result
    // Probes of a hub that grants nothing more would go on for ever.
    isGivenUp ||= isPatienceOver && progress.hubLimited.length > 0
    await clock
      .sleep(pauseMs, intent === 'run' ? AbortSignal.any([request.wake, signal]) : signal)
      .catch(() => undefined)
    signal.throwIfAborted()
  }
}

function progressOf(
  session: Session,
  policy: Policy,
  picture: Picture,
  actions: readonly Action[],
  now: number,
): Progress {
  const units = picture.units.filter(view => policy.isMine(view.launch))
  return {
    now,
    runId: session.engine.runId,
    wants: wantStates(policy.wants, picture, attemptsMaxOf(policy)),
    units,
    aliveCount:
      units.filter(isAlive).length +
      actions.reduce((sum, one) => sum + (one.kind === 'launch' ? one.wants.length : 0), 0),
    actions,
    hubLimited: session.engine.journal.hubLimits().map(limit => limit.agentType),
  }
}

/** What counts as something that happened: launches that fail one after the other are nothing. */
function headwayOf({ wants, units }: Progress): number {
  const ended = wants.filter(({ state }) => state.state === 'done' || state.state === 'failed')
  const online = units.filter(({ unit }) => unit.entered.online !== undefined)
  return ended.length + online.length
}

/** No machine is on its way, and those that are left were asked to end long ago: a cloud may never do that. */
function isNothingToCome({ units, actions, now }: Progress): boolean {
  if (actions.some(action => action.kind === 'launch')) return false
  return units.every(view => !isAlive(view) || isStuck(view, now))
}

function isOver({ wants, units, actions }: Progress, isDetached: boolean): boolean {
  const isWaiting = wants.some(
    ({ state }) => state.state !== 'done' && state.state !== 'failed' && state.state !== 'served',
  )
  if (isWaiting || actions.length > 0) return false
  return isDetached || !units.some(isAlive)
}

/** Gone, or with an agent that may have its job: it ends by itself. */
function isLeftAlone(view: UnitView): boolean {
  return !isAlive(view) || view.unit.phase === 'online' || 'agent-started' in view.unit.marks
}
