import { type Capabilities, type Instance, isInstance } from '@agentctl/contract'
import { redact } from '../errors/redact.ts'
import { absence, isProvenAbsent } from './absence.ts'
import { endingOf } from './endings.ts'
import { adopt } from './ownership.ts'
import { type Phase, phaseOf, phases } from './phases.ts'
import {
  type AgentSeen,
  type ConsoleReport,
  type ConsoleSeen,
  type Facts,
  type Known,
  lookKey,
  type Picture,
  type ScopeLook,
  type UnitView,
} from './picture.ts'
import { cannotHaveRegistered } from './plan-endings.ts'
import { type LaunchRecord, type Memory, scopeOf, type UnitRecord, unitKey } from './records.ts'

export type CapabilitiesOf = (provider: string) => Capabilities | undefined

export interface Observation {
  readonly picture: Picture
  /** Records that say something new, to be written before anything rests on them. */
  readonly launches: readonly LaunchRecord[]
  readonly units: readonly UnitRecord[]
}

/** Facts and memory -> where every unit is. The cloud is believed over the memory; a failed look changes nothing. */
export function observe(
  facts: Facts,
  memory: Memory,
  capabilitiesOf: CapabilitiesOf,
  now: number,
): Observation {
  const instances = facts.looks.flatMap(look => instancesOf(look).map(instance => ({ look, instance })))
  const adopted = adopt(instances, memory, now)
  const launches = new Map([...memory.launches, ...adopted.launches].map(launch => [launch.launchId, launch]))
  const found = new Map(instances.map(seen => [instanceKey(seen.instance), seen.instance]))
  const looks = new Map(facts.looks.map(look => [`${look.provider}/${look.scope}`, look]))

  const changed: UnitRecord[] = [...adopted.units]
  const units = [...memory.units, ...adopted.units].flatMap((unit): UnitView[] => {
    const launch = launches.get(unit.launchId)
    if (!launch) return []
    const look = looks.get(lookKey(launch.provider, scopeOf(launch)))
    const instance = found.get(unitKey(unit))
    const capabilities = capabilitiesOf(launch.provider)
    const agent = agentSeen(facts, launch, unit)
    const console = instance && facts.consoles.get(instance.id)
    const context = { launch, look, instance, agent, console, now, capabilities }
    const next = advance(unit, context)
    if (next !== unit) changed.push(next)
    const isAbsent = isProvenAbsent(next.absentSince, context)
    const isScopeKnown = look?.resources.state === 'known'
    const isNewer = (look?.askedAt ?? 0) >= (next.terminateAcceptedAt ?? 0)
    const isListStrong = capabilities?.listing === 'strong' && isNewer
    const isGuardNeeded = capabilities?.isGuardNeeded === true
    const view = { unit: next, launch, instance, agent, isScopeKnown, isAbsent, isListStrong }
    return [{ ...view, ...(isGuardNeeded && { isGuardNeeded }) }]
  })
  const picture = {
    units,
    strays: facts.looks.flatMap(straysOf),
    queues: facts.queues,
    jobs: facts.jobs,
    knownScopes: knownScopesOf(facts),
  }
  return { picture, launches: adopted.launches, units: changed }
}

function instancesOf({ resources }: ScopeLook): readonly Instance[] {
  return resources.state === 'known' ? resources.value.filter(isInstance) : []
}

function straysOf({ provider, askedAt, resources }: ScopeLook): Picture['strays'] {
  if (resources.state !== 'known') return []
  return resources.value.filter(one => !isInstance(one)).map(resource => ({ provider, resource, askedAt }))
}

function knownScopesOf({ looks }: Facts): ReadonlySet<string> {
  const complete = looks.filter(look => look.resources.state === 'known')
  return new Set(complete.map(({ provider, scope }) => `${provider}/${scope}`))
}

function instanceKey(instance: Instance): string {
  return unitKey({ launchId: instance.ownership.launchId, index: instance.unitIndex })
}

export function agentSeen(
  { agents: seen }: Pick<Facts, 'agents'>,
  launch: LaunchRecord,
  unit: UnitRecord,
): AgentSeen {
  const agents = seen.get(launch.agentType)
  if (agents?.state !== 'known') return 'unknown'
  return agents.value.get(unit.name) ?? 'absent'
}

/** What is known of one unit in this tick. */
export interface UnitFacts {
  readonly launch: LaunchRecord
  readonly look: ScopeLook | undefined
  readonly instance: Instance | undefined
  readonly agent: AgentSeen
  readonly console: Known<ConsoleSeen> | undefined
  readonly now: number
  readonly capabilities: Capabilities | undefined
}

function advance(before: UnitRecord, facts: UnitFacts): UnitRecord {
  const unit = spared(before.phase === 'gone' ? revived(before, facts) : renewed(before, facts), facts)
  if (unit.phase === 'gone' || facts.look?.resources.state !== 'known') return unit
  const { instance, now } = facts
  const report = facts.console?.state === 'known' ? facts.console.value.report : undefined
  const marks = { ...unit.marks, ...marksOf(report, unit, facts) }
  const absentSince = absence(unit, facts)
  const isGone = isProvenAbsent(absentSince, facts) && facts.launch.state !== 'intended'
  const seen = { ...unit, marks, entered: { ...unit.entered, ...onlineByMark(unit, marks, now) } }
  const phase = instance || isGone ? phaseIn(seen, facts, report, isGone) : waiting(unit, facts)
  const next: UnitRecord = {
    ...withoutDoubt(seen, instance !== undefined),
    ...(instance && { instanceId: instance.id }),
    ...firstSeen(unit, facts),
    ...(absentSince !== undefined && { absentSince }),
    ...(isGuardLook(facts) && { guardLookedAt: now }),
    ...(!unit.reason && endingOf(phase, seen, facts)),
    phase,
    entered: enteredBy(seen.entered, phase, now),
  }
  return JSON.stringify(next) === JSON.stringify(before) ? before : next
}

/** For people to look back at: nothing is decided by it. */
function firstSeen({ busyAt, stoppedAt }: UnitRecord, { instance, agent, now }: UnitFacts) {
  const isStopped = instance?.state === 'stopped' || instance?.state === 'terminated'
  return {
    ...(agent === 'busy' && { busyAt: busyAt ?? now }),
    ...(isStopped && { stoppedAt: stoppedAt ?? now }),
    ...(instance?.fault && { fault: redact(instance.fault) }),
  }
}

/** The console of a machine that runs was read for its guard alone. */
function isGuardLook({ console, instance, capabilities }: UnitFacts): boolean {
  return console !== undefined && instance?.state === 'running' && capabilities?.isGuardNeeded === true
}

function phaseIn(
  { entered, marks, reason, phase, terminateAskedAt }: UnitRecord,
  { instance, agent }: UnitFacts,
  report: ConsoleReport | undefined,
  isGone: boolean,
): Phase {
  return phaseOf({
    instance,
    isGone,
    isTerminateAsked: terminateAskedAt !== undefined,
    agent,
    hasAgentRegistered: 'agent-registered' in marks,
    // Its reason outlives the console, which is not read again.
    hasAgentEnded: reason !== undefined || 'agent-ended' in marks || report?.end !== undefined,
    hasBeenOnline: entered.online !== undefined,
    wasDraining: phase === 'draining',
  })
}

/** Not shown, and not proved absent: it stays where it was. */
function waiting({ phase }: UnitRecord, { launch }: UnitFacts): Phase {
  return phase === 'launching' && launch.state !== 'intended' ? 'booting' : phase
}

/** A unit that is less far than was believed has not entered the later phases. */
function enteredBy(entered: UnitRecord['entered'], phase: Phase, now: number): UnitRecord['entered'] {
  const reached = phases.slice(0, phases.indexOf(phase) + 1)
  const kept = Object.fromEntries(Object.entries(entered).filter(([name]) => reached.includes(name as Phase)))
  return { ...kept, [phase]: entered[phase] ?? now }
}

/** Written down as gone, and shown alive by a list that must have known: it came late, or its end was a mistake. */
function revived(unit: UnitRecord, facts: UnitFacts): UnitRecord {
  const { instance, look, capabilities } = facts
  if (!instance || !look || instance.state === 'terminated') return unit
  if (look.askedAt <= (unit.entered.gone ?? 0) + (capabilities?.settleMs ?? 0)) return unit
  const fresh = renewed(unit, facts)
  if (fresh !== unit) return fresh
  const { reason: _reason, detail: _detail, errorCode: _code, consoleTail: _tail, ...rest } = unit
  return { ...rest, phase: 'booting' }
}

/** Another machine under its name, made by a host without this journal: nothing that happened to the first one counts. */
function renewed(unit: UnitRecord, { instance }: UnitFacts): UnitRecord {
  const isAnother = unit.instanceId !== undefined && instance && instance.id !== unit.instanceId
  if (!isAnother || (instance.state !== 'pending' && instance.state !== 'running')) return unit
  const { launchId, index, want, name, attempt, jobId } = unit
  const asked = { launchId, index, want, name, attempt, ...(jobId !== undefined && { jobId }) }
  return { ...asked, phase: 'booting', entered: {}, marks: {} }
}

/**
 * It was to be ended for having no agent yet, and nobody knows whether its cloud was told: the command may have died
 * before. That may have changed since, so the ask is forgotten; whoever still wants its end decides anew.
 */
function spared(unit: UnitRecord, { instance, agent }: UnitFacts): UnitRecord {
  const isCalledOff = unit.reason === 'cancelled' && unit.terminateAskedAt !== undefined
  if (!isCalledOff || unit.terminateAcceptedAt !== undefined || instance?.state !== 'running') return unit
  if (cannotHaveRegistered({ unit, instance, agent })) return unit
  const { reason: _reason, detail: _detail, terminateAskedAt: _askedAt, ...rest } = unit
  return rest
}

/** A machine that is seen has come after all, whatever the launch said of it. */
function withoutDoubt({ absentSince: _, errorCode, ...unit }: UnitRecord, isSeen: boolean): UnitRecord {
  return { ...unit, ...(errorCode && !isSeen && { errorCode }) }
}

/** The machine's own word that it was online counts also when nobody saw it in time. */
function onlineByMark(
  { entered }: UnitRecord,
  marks: UnitRecord['marks'],
  now: number,
): UnitRecord['entered'] {
  const registeredAt = marks['agent-registered']
  if (registeredAt === undefined || entered.online !== undefined) return {}
  return { online: Math.min(now, Math.max(registeredAt, entered.booting ?? 0)) }
}

function marksOf(
  report: ConsoleReport | undefined,
  { entered }: UnitRecord,
  facts: UnitFacts,
): Readonly<Record<string, number>> {
  const { instance, launch } = facts
  const createdAt = instance?.createdAt ?? launch.acceptedAt
  if (!report || createdAt === undefined) return {}
  // Clouds round creation to the second, yet no machine is older than the wish for it.
  const startedAt = Math.max(createdAt, entered.launching ?? 0)
  return Object.fromEntries(
    Object.entries(report.marks)
      // Read now and then, a console that says "booted" and no more says nothing about what came after.
      .filter(([name]) => name !== 'booted' || !isGuardLook(facts))
      .map(([name, seconds]) => [name, Math.round(startedAt + seconds * 1000)]),
  )
}
