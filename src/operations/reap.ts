import type { ContractError } from '@agentctl/contract'
import { actSettle } from '../engine/act-launch.ts'
import { actTerminate } from '../engine/act-terminate.ts'
import { see } from '../engine/see.ts'
import { isStillThere, type Orphan, orphanInstances, orphanStrays } from '../fleet/orphans.ts'
import { isAlive, type Picture, type UnitView } from '../fleet/picture.ts'
import { isEndingSoon } from '../fleet/plan-endings.ts'
import { planResumptions, type ResumptionInput } from '../fleet/plan-resumptions.ts'
import type { LaunchRecord } from '../fleet/records.ts'
import { runsOver } from '../journal/run.ts'
import type { Context } from './context.ts'
import { everyKind, openSurvey, type Survey } from './survey.ts'

const reapMs = 120_000
const lookAgainMs = 500

export interface Reaped {
  readonly orphans: readonly Orphan[]
  /** Orphans that are proved absent now. */
  readonly gone: readonly string[]
  readonly left: readonly string[]
  /** Running within their deadlines: none of this command's business. */
  readonly kept: readonly UnitView[]
  /** Launches of dead commands that never reached the cloud. */
  readonly settled: readonly string[]
  readonly unknown: readonly string[]
  readonly error?: ContractError
}

/** Ends every orphan of the owner, of every kind, in every scope that was ever used; `dryRun` only tells. */
export async function reap(context: Context, { dryRun }: { readonly dryRun: boolean }): Promise<Reaped> {
  await using survey = await openSurvey(context)
  const { engine } = survey
  const until = engine.clock.now() + reapMs
  const found = new Map<string, Orphan>()
  const settled = new Set<string>()
  let error: ContractError | undefined
  for (;;) {
    const sweep = await engine.lock.during(() => sweepOnce(context, survey, dryRun), {
      waitMs: reapMs,
      signal: engine.signal,
    })
    for (const orphan of sweep.orphans) found.set(orphan.ref.id, orphan)
    for (const launchId of sweep.settled) settled.add(launchId)
    error ??= sweep.error
    const left = [...found.values()]
      .filter(orphan => isStillThere(orphan, sweep.picture))
      .map(orphan => orphan.ref.id)
    const isDone = dryRun || error !== undefined || (left.length === 0 && !sweep.isWaiting)
    if (isDone || engine.clock.now() > until) {
      return {
        orphans: [...found.values()],
        gone: dryRun ? [] : [...found.keys()].filter(id => !left.includes(id)),
        left,
        kept: sweep.kept.filter(({ instance }) => instance && !found.has(instance.id)),
        settled: [...settled],
        unknown: sweep.unknown,
        ...(error && { error }),
      }
    }
    await engine.clock.sleep(lookAgainMs, engine.signal)
  }
}

interface Sweep {
  readonly picture: Picture
  readonly orphans: readonly Orphan[]
  readonly kept: readonly UnitView[]
  readonly settled: readonly string[]
  readonly unknown: readonly string[]
  /** Something was seen for the first time, or not long enough ago, to be judged now. */
  readonly isWaiting: boolean
  readonly error?: ContractError
}

async function sweepOnce({ settings, effects }: Context, survey: Survey, dryRun: boolean): Promise<Sweep> {
  const { engine, scopes } = survey
  const { journal } = engine
  const agentTypes = Object.keys(settings.agentTypes)
  const looking = { scopes, kinds: everyKind, agentTypes, queues: [] }
  const { facts, picture, launches, units, now } = await see(engine, looking, [])
  const orphanFacts = {
    picture,
    sightings: journal.sightings(),
    settleMsOf: (name: string) => engine.providers.get(name)?.capabilities.settleMs ?? 0,
    timeoutsOf: (pool: string) => settings.pools[pool]?.timeouts,
    now,
  }
  const strays = orphanStrays(orphanFacts)
  const orphans = [...orphanInstances(orphanFacts), ...strays.orphans]
  const ids = new Set(orphans.map(orphan => orphan.ref.id))
  const kept = picture.units.filter(view => view.instance && isAlive(view) && !ids.has(view.instance.id))
  const unknown = facts.looks.flatMap(({ provider, scope, resources }) =>
    resources.state === 'unknown' ? [`${provider} ${scope}: ${resources.why}`] : [],
  )
  if (dryRun) return { picture, orphans, kept, settled: [], unknown, isWaiting: false }

  journal.save({ launches, units })
  journal.saveSightings(strays.sightings)
  const { settles, isWaiting: isOutcomeOpen } = abandoned(survey, {
    picture,
    memory: journal.memory([]),
    now,
    isAlive: effects.isAlive,
  })
  for (const action of settles) actSettle(engine, action)
  const ending = picture.units.filter(view => isEndingSoon(view, now))
  const endingSoon = new Set(ending.map(({ instance }) => instance?.id))
  const errors = await Promise.all(
    orphans
      .filter(({ ref }) => !endingSoon.has(ref.id))
      .map(orphan => actTerminate(engine, { kind: 'terminate', ...orphan })),
  )
  const error = errors.find(one => one !== undefined)
  const isAbsent = picture.units.some(
    view => !view.instance && view.isScopeKnown && view.unit.absentSince !== undefined && isAlive(view),
  )
  const settled = settles.map(action => action.launch.launchId)
  return {
    picture,
    orphans,
    kept,
    settled,
    unknown,
    isWaiting: isAbsent || isOutcomeOpen || strays.isWaiting,
    ...(error && { error }),
  }
}

type Abandoned = Pick<ResumptionInput, 'picture' | 'memory' | 'now'> & {
  readonly isAlive: (pid: number) => boolean
}

/** Intents of commands that died before, or while, they launched. */
function abandoned({ engine }: Survey, { picture, memory, now, isAlive: isProcessAlive }: Abandoned) {
  const isRunOver = runsOver(engine.journal, { now, isAlive: isProcessAlive })
  const isMine = (launch: LaunchRecord) => isRunOver(launch.runId)
  const policy = { isMine, wants: [], intent: 'end' as const }
  const open = memory.launches.filter(launch => launch.state === 'intended' && isMine(launch))
  const settles = planResumptions({ picture, memory, policy, now }).filter(action => action.kind === 'settle')
  return { settles, isWaiting: open.length > settles.length }
}
