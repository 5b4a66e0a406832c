import type { ContractError, Scope } from '@agentctl/contract'
import { resourceKinds } from '@agentctl/contract'
import { actSettle } from '../engine/act-launch.ts'
import { actTerminate } from '../engine/act-terminate.ts'
import type { Engine } from '../engine/deps.ts'
import { see } from '../engine/see.ts'
import { type Orphan, orphanInstances, orphanStrays } from '../fleet/orphans.ts'
import { isAlive, isRunning, lookKey, type Picture, type UnitView } from '../fleet/picture.ts'
import { isEndingSoon } from '../fleet/plan-endings.ts'
import { planResumptions, type ResumptionInput } from '../fleet/plan-resumptions.ts'
import { terminateAgainMs } from '../fleet/policy.ts'
import type { LaunchRecord } from '../fleet/records.ts'
import { type Restrained, type Restraint, restrain } from '../fleet/restraint.ts'
import { runsOver } from '../journal/run.ts'
import type { Context } from './context.ts'

/** What is swept, and by what. */
export interface Broom {
  readonly engine: Engine
  readonly scopes: ReadonlyMap<string, readonly Scope[]>
}

export interface SweepRules extends Restraint {
  readonly dryRun: boolean
  /** Orphans that an earlier look of this run showed, by id, with the time of that look. */
  readonly seenBefore: ReadonlyMap<string, number>
  /** Those of them that it ended, with when it asked for that last. */
  readonly ended: ReadonlyMap<string, number>
}

export interface Sweep extends Restrained {
  readonly picture: Picture
  readonly orphans: readonly Orphan[]
  /** When the lists that show them were asked for, by their ids. */
  readonly seenAt: ReadonlyMap<string, number>
  readonly kept: readonly UnitView[]
  /** Ids that were asked to end just now. */
  readonly asked: readonly string[]
  readonly settled: readonly string[]
  readonly unknown: readonly string[]
  /** Something was seen for the first time, or not long enough ago, to be judged now. */
  readonly isWaiting: boolean
  readonly error?: ContractError
}

/** One look at everything, and the end of what has no right to live; with the lock held. */
export async function sweepOnce(
  { settings, effects }: Context,
  broom: Broom,
  rules: SweepRules,
): Promise<Sweep> {
  const { engine, scopes } = broom
  const { journal } = engine
  const agentTypes = Object.keys(settings.agentTypes)
  const looking = { scopes, kinds: resourceKinds, agentTypes, queues: [] }
  const { facts, picture, launches, units, now } = await see(engine, looking, () => [])
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
  const runningCount = picture.units.filter(({ instance }) => instance && isRunning(instance)).length
  const askedAt = new Map(facts.looks.map(look => [`${look.provider}/${look.scope}`, look.askedAt]))
  const seenAt = new Map(
    orphans.map(({ provider, ref }) => [ref.id, askedAt.get(lookKey(provider, ref.scope)) ?? 0]),
  )
  // A look that is handed out twice is one look.
  const again = [...seenAt].filter(([id, at]) => (rules.seenBefore.get(id) ?? at) < at)
  const seenBefore = new Set(again.map(([id]) => id))
  const restrained = restrain(
    { orphans, runningCount, seenBefore, ended: new Set(rules.ended.keys()) },
    rules,
  )
  const seen = { ...restrained, picture, orphans, seenAt, kept, unknown }
  if (rules.dryRun) return { ...seen, asked: [], settled: [], isWaiting: false }

  journal.save({ launches, units })
  journal.saveSightings(strays.sightings)
  const memory = journal.memory([])
  const { settles, isWaiting } = abandoned(broom, { picture, memory, now, isAlive: effects.isAlive })
  for (const action of settles) actSettle(engine, action)
  const due = restrained.end.filter(orphan => isDue(orphan, rules.ended, now))
  const error = await endAll(engine, due, picture, now)
  const isAbsent = picture.units.some(
    view => !view.instance && view.isScopeKnown && view.unit.absentSince !== undefined && isAlive(view),
  )
  return {
    ...seen,
    asked: due.map(({ ref }) => ref.id),
    settled: settles.map(action => action.launch.launchId),
    isWaiting: isAbsent || isWaiting || strays.isWaiting || restrained.unconfirmed.length > 0,
    ...(error && { error }),
  }
}

/** What a list that lags still shows of a part is no reason to ask again at once; machines are told by their records. */
function isDue({ ref, unit }: Orphan, ended: SweepRules['ended'], now: number): boolean {
  return unit !== undefined || now - (ended.get(ref.id) ?? Number.NEGATIVE_INFINITY) > terminateAgainMs
}

async function endAll(engine: Engine, orphans: readonly Orphan[], { units }: Picture, now: number) {
  const ending = units.filter(view => isEndingSoon(view, now))
  const endingSoon = new Set(ending.map(({ instance }) => instance?.id))
  const errors = await Promise.all(
    orphans
      .filter(({ ref }) => !endingSoon.has(ref.id))
      .map(orphan => actTerminate(engine, { kind: 'terminate', ...orphan })),
  )
  return errors.find(one => one !== undefined)
}

type Abandoned = Pick<ResumptionInput, 'picture' | 'memory' | 'now'> & {
  readonly isAlive: (pid: number) => boolean
}

/** Intents of commands that died before, or while, they launched. */
function abandoned({ engine }: Broom, { picture, memory, now, isAlive: isProcessAlive }: Abandoned) {
  const isRunOver = runsOver(engine.journal, { now, isAlive: isProcessAlive })
  const isMine = (launch: LaunchRecord) => isRunOver(launch.runId)
  const policy = { isMine, wants: [], intent: 'end' as const, pools: new Map() }
  const open = memory.launches.filter(launch => launch.state === 'intended' && isMine(launch))
  const settles = planResumptions({ picture, memory, policy, now }).filter(action => action.kind === 'settle')
  return { settles, isWaiting: open.length > settles.length }
}
