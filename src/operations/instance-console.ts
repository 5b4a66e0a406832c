import { contractError, hasCode } from '@agentctl/contract'
import { isAlive, type UnitView } from '../fleet/picture.ts'
import type { Context } from './context.ts'
import { findInstance, instanceOf } from './instances.ts'
import { openSurvey, type Survey } from './survey.ts'

/** Between two reads: one costs nothing, or is a call that others of the account count too. Unit: milliseconds. */
const everyMs = { live: 500, 'on-demand': 5_000 } as const

/** The end of an instance's console. @throws `unsupported` where the provider has none */
export async function readInstanceConsole(context: Context, wanted: string): Promise<string> {
  await using survey = await openSurvey(context)
  return await consoleOf(survey, await findInstance(context, survey, wanted))
}

/** What is new on the console, again and again, until the instance is no more or `wake` is aborted. */
export async function followInstanceConsole(
  context: Context,
  wanted: string,
  { onText, wake }: { readonly onText: (text: string) => void; readonly wake: AbortSignal },
): Promise<void> {
  await using survey = await openSurvey(context)
  const { engine } = survey
  let view = await findInstance(context, survey, wanted)
  const console = engine.providers.get(view.launch.provider)?.capabilities.console
  const pauseMs = console === 'live' ? everyMs.live : everyMs['on-demand']
  let before = ''
  while (!wake.aborted) {
    const isOver = !isAlive(view) || view.instance?.state === 'stopped'
    const read = await consoleOf(survey, view)
    // Whole lines, so that a secret which is taken out of them is not seen in two halves.
    const after = isOver ? read : read.slice(0, read.lastIndexOf('\n') + 1)
    const text = newIn(before, after)
    if (text !== '') onText(text)
    if (after !== '') before = after
    if (isOver) return
    await engine.clock.sleep(pauseMs, AbortSignal.any([wake, engine.signal])).catch(() => undefined)
    const next = await again(context, survey, instanceOf(view).id)
    if (!next) return
    view = next
  }
}

/** Undefined once it is gone; a look that failed leaves it where it was. */
async function again(context: Context, survey: Survey, id: string): Promise<UnitView | undefined> {
  try {
    return await findInstance(context, survey, id)
  } catch (error) {
    if (hasCode(error, 'invalid-spec')) return undefined
    throw error
  }
}

async function consoleOf({ engine }: Survey, view: UnitView): Promise<string> {
  const { launch } = view
  const instance = instanceOf(view)
  const provider = engine.providers.get(launch.provider)
  if (!provider?.consoleTail) {
    throw contractError('unsupported', `The provider ${launch.provider} has no console to read`)
  }
  return await engine.admission.admit(
    launch.provider,
    instance.scope,
    'read',
    async call => (await provider.consoleTail?.(instance, call)) ?? '',
  )
}

/** Enough of an end to find it again in a console that has moved on. Unit: characters. */
const keptLength = 2_000

/** Pure. What `after` has beyond `before`: two ends of one growing text, each cut at its beginning. */
export function newIn(before: string, after: string): string {
  if (after.startsWith(before)) return after.slice(before.length)
  const end = before.slice(-keptLength)
  const at = after.lastIndexOf(end)
  // So much was printed in between that the two do not meet.
  return at < 0 ? after : after.slice(at + end.length)
}
