import { contractError } from '@agentctl/contract'
import { actTerminate } from '../engine/act-terminate.ts'
import { heldUntil, isHeldAfterwards } from '../fleet/holds.ts'
import type { UnitView } from '../fleet/picture.ts'
import type { Context } from './context.ts'
import { findInstance, instanceOf } from './instances.ts'
import { openSurvey, type Survey } from './survey.ts'

export interface Held {
  readonly id: string
  /** Unit: milliseconds since the epoch. */
  readonly holdUntil: number
  /** It ends at its own deadline, which is earlier than was asked for. */
  readonly isCut: boolean
}

/**
 * Keeps the controller and `reap` from ending an instance, never past the deadline that it was launched with: timers of
 * the guest and of the platform go by that one, and cannot be moved. What the guest itself decides it does not change.
 * @throws `invalid-spec`, `unsupported`
 */
export async function holdInstance(context: Context, wanted: string, forMs: number): Promise<Held> {
  await using survey = await openSurvey(context)
  const view = await findInstance(context, survey, wanted)
  const { id, ownership } = instanceOf(view)
  const askedFor = context.effects.clock.now() + forMs
  // Tags count in whole seconds.
  const holdUntil = Math.ceil(Math.min(askedFor, ownership.expiresAt) / 1000) * 1000
  await mark(survey, view, Math.min(holdUntil, ownership.expiresAt))
  return { id, holdUntil, isCut: askedFor > ownership.expiresAt }
}

export interface Released {
  readonly id: string
  /** Its work was over, and only the hold kept it. */
  readonly isEnded: boolean
}

/** Takes a hold off. A machine that its guest holds after a failure is ended: nothing else is left for it to do. */
export async function releaseInstance(context: Context, wanted: string): Promise<Released> {
  await using survey = await openSurvey(context)
  const view = await findInstance(context, survey, wanted)
  const instance = instanceOf(view)
  const { id, kind, scope, ownership } = instance
  if (ownership.holdUntil !== undefined) await mark(survey, view, 0)
  if (!isHeldAfterwards(view)) return { id, isEnded: false }
  const { engine } = survey
  const { unit, launch } = view
  const work = async () => {
    engine.journal.save({ launches: [launch], units: [unit] })
    const why = 'a person released it'
    const ref = { kind, id, scope }
    return await actTerminate(engine, {
      kind: 'terminate',
      provider: launch.provider,
      ref,
      unit,
      reason: 'requested',
      why,
    })
  }
  const failure = await engine.lock.during(work, { waitMs: lockWaitMs, signal: engine.signal })
  if (failure) throw failure
  return { id, isEnded: true }
}

const lockWaitMs = 60_000

async function mark({ engine }: Survey, view: UnitView, holdUntil: number): Promise<void> {
  const { launch } = view
  const instance = instanceOf(view)
  const provider = engine.providers.get(launch.provider)
  if (!provider?.mark) {
    const held = heldUntil(view) > engine.clock.now() ? ' Its own hold goes on.' : ''
    throw contractError('unsupported', `The provider ${launch.provider} cannot mark what it has launched`, {
      hint: `Set hold-on-failure of the pool ${launch.pool}: its guests then keep their machines themselves.${held}`,
    })
  }
  await engine.admission.admit(launch.provider, instance.scope, 'mark', async call =>
    provider.mark?.(instance, { holdUntil }, call),
  )
}
