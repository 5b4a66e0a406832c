import { contractError, type Instance } from '@agentctl/contract'
import { actTerminate } from '../engine/act-terminate.ts'
import { isAlive, type UnitView } from '../fleet/picture.ts'
import { isEndingSoon } from '../fleet/plan-endings.ts'
import type { Context } from './context.ts'
import { type Look, openSurvey, type Survey } from './survey.ts'

const terminateMs = 60_000
const lookAgainMs = 500

export interface InstanceList extends Pick<Look, 'unknown'> {
  readonly instances: readonly UnitView[]
  readonly now: number
}

/** What the cloud shows of this owner now. */
export async function listInstances(context: Context): Promise<InstanceList> {
  await using survey = await openSurvey(context)
  const { picture, unknown } = await survey.look()
  return { instances: shown(picture.units), unknown, now: context.effects.clock.now() }
}

function shown(units: readonly UnitView[]): readonly UnitView[] {
  return units.filter(view => view.instance && isAlive(view))
}

/** One instance by its id, its agent's name or its job's id. @throws `invalid-spec` when none or several match */
export async function findInstance(context: Context, survey: Survey, wanted: string): Promise<UnitView> {
  const { picture, unknown } = await survey.look()
  const found = shown(picture.units).filter(
    ({ unit, instance }) => instance?.id === wanted || unit.name === wanted || unit.jobId === wanted,
  )
  const [view] = found
  if (view && found.length === 1) return view
  if (found.length > 1) {
    throw contractError('invalid-spec', `${wanted} stands for ${found.length} instances`, {
      hint: `Name one: ${found.map(one => one.instance?.id).join(', ')}`,
    })
  }
  if (unknown.length > 0)
    throw contractError('unavailable', `Cannot tell whether ${wanted} exists: ${unknown.join('; ')}`)
  throw contractError('invalid-spec', `${context.settings.owner} has no instance ${wanted}`, {
    hint: 'agentctl instances list shows what runs.',
  })
}

export async function showInstance(
  context: Context,
  wanted: string,
): Promise<{ view: UnitView; now: number }> {
  await using survey = await openSurvey(context)
  return { view: await findInstance(context, survey, wanted), now: context.effects.clock.now() }
}

/** What was found by {@link findInstance} has one. */
export function instanceOf({ instance, unit }: UnitView): Instance {
  if (instance) return instance
  throw contractError('internal', `${unit.name} has no instance`)
}

export interface Terminated {
  readonly gone: readonly string[]
  readonly left: readonly string[]
}

/** Ends instances and waits, for a minute, until they are gone. */
export async function terminateInstances(
  context: Context,
  wanted: readonly string[] | 'all',
): Promise<Terminated> {
  await using survey = await openSurvey(context)
  const { engine } = survey
  const first =
    wanted === 'all'
      ? shown((await survey.look()).picture.units)
      : await Promise.all(wanted.map(one => findInstance(context, survey, one)))
  const ids = first.flatMap(({ instance }) => (instance ? [instance.id] : []))

  const until = engine.clock.now() + terminateMs
  let left = first
  while (left.length > 0) {
    const views = left.filter(view => !isEndingSoon(view, engine.clock.now()))
    const failures = await engine.lock.during(() => Promise.all(views.map(view => endOne(survey, view))), {
      waitMs: terminateMs,
      signal: engine.signal,
    })
    const fatal = failures.find(failure => failure !== undefined)
    if (fatal) throw fatal
    const { picture } = await survey.look()
    left = shown(picture.units).filter(({ instance }) => instance && ids.includes(instance.id))
    if (left.length === 0 || engine.clock.now() > until) break
    await engine.clock.sleep(lookAgainMs, engine.signal)
  }
  const leftIds = left.flatMap(({ instance }) => (instance ? [instance.id] : []))
  return { gone: ids.filter(id => !leftIds.includes(id)), left: leftIds }
}

function endOne({ engine }: Survey, { unit, launch, instance }: UnitView) {
  if (!instance) return undefined
  const { kind, id, scope } = instance
  engine.journal.save({ launches: [launch], units: [unit] })
  return actTerminate(engine, {
    kind: 'terminate',
    provider: launch.provider,
    ref: { kind, id, scope },
    unit,
    reason: 'requested',
    why: 'a person asked for it',
  })
}
