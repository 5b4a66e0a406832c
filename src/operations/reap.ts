import type { ContractError } from '@agentctl/contract'
import { isStillThere, type Orphan } from '../fleet/orphans.ts'
import type { UnitView } from '../fleet/picture.ts'
import type { Restraint } from '../fleet/restraint.ts'
import type { Context } from './context.ts'
import { openSurvey } from './survey.ts'
import { sweepOnce } from './sweep.ts'

const reapMs = 120_000
const lookAgainMs = 500

export interface ReapRequest extends Restraint {
  readonly dryRun: boolean
}

export interface Reaped {
  readonly orphans: readonly Orphan[]
  /** Orphans that are proved absent now. */
  readonly gone: readonly string[]
  readonly left: readonly string[]
  /** More than this run may end. */
  readonly postponed: readonly string[]
  readonly frozen?: string
  /** Running within their deadlines: none of this command's business. */
  readonly kept: readonly UnitView[]
  /** Launches of dead commands that never reached the cloud. */
  readonly settled: readonly string[]
  readonly unknown: readonly string[]
  readonly error?: ContractError
}

/**
 * Ends orphans of the owner, of every kind, in every scope that was ever used; `dryRun` only tells. What runs is ended
 * only when a second look, right before its end, says the same.
 */
export async function reap(context: Context, { dryRun, ...restraint }: ReapRequest): Promise<Reaped> {
  await using survey = await openSurvey(context)
  const { engine } = survey
  const until = engine.clock.now() + reapMs
  const found = new Map<string, Orphan>()
  const seenBefore = new Map<string, number>()
  const ended = new Map<string, number>()
  const settled = new Set<string>()
  let error: ContractError | undefined
  for (;;) {
    const rules = { ...restraint, dryRun, seenBefore, ended }
    const sweep = await engine.lock.during(() => sweepOnce(context, survey, rules), {
      waitMs: reapMs,
      signal: engine.signal,
    })
    for (const orphan of sweep.orphans) found.set(orphan.ref.id, orphan)
    for (const [id, at] of sweep.seenAt) seenBefore.set(id, seenBefore.get(id) ?? at)
    for (const id of sweep.asked) ended.set(id, engine.clock.now())
    for (const launchId of sweep.settled) settled.add(launchId)
    error ??= sweep.error
    const postponed = sweep.postponed.map(orphan => orphan.ref.id)
    const left = [...found.values()]
      .filter(orphan => !postponed.includes(orphan.ref.id) && isStillThere(orphan, sweep.picture))
      .map(orphan => orphan.ref.id)
    const isDone = dryRun || error !== undefined || (left.length === 0 && !sweep.isWaiting)
    if (isDone || engine.clock.now() > until) {
      return {
        orphans: [...found.values()],
        gone: dryRun ? [] : [...found.keys()].filter(id => !left.includes(id) && !postponed.includes(id)),
        left,
        postponed,
        ...(sweep.frozen !== undefined && { frozen: sweep.frozen }),
        kept: sweep.kept.filter(({ instance }) => instance && !found.has(instance.id)),
        settled: [...settled],
        unknown: sweep.unknown,
        ...(error && { error }),
      }
    }
    await engine.clock.sleep(lookAgainMs, engine.signal)
  }
}
