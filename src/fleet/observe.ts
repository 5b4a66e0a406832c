import { type Capabilities, type Instance, isInstance, scopeKey } from '@agentctl/contract'
import { adopt } from './ownership.ts'
import { phaseOf } from './phases.ts'
import type { AgentSeen, ConsoleReport, Facts, Picture, ScopeLook, UnitView } from './picture.ts'
import { asEndReason, type EndReason } from './reasons.ts'
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
    const look = looks.get(`${launch.provider}/${scopeKey(scopeOf(launch))}`)
    const instance = found.get(unitKey(unit))
    const agent = agentSeen(facts, launch, unit)
    const context = {
      launch,
      look,
      instance,
      agent,
      facts,
      now,
      capabilities: capabilitiesOf(launch.provider),
    }
    const next = unit.phase === 'gone' ? unit : advance(unit, context)
    if (next !== unit) changed.push(next)
    return [{ unit: next, launch, instance, agent, isScopeKnown: look?.resources.state === 'known' }]
  })

  const strays = facts.looks.flatMap(look =>
    look.resources.state === 'known'
      ? look.resources.value
          .filter(one => !isInstance(one))
          .map(resource => ({ provider: look.provider, resource }))
      : [],
  )
  return { picture: { units, strays, queues: facts.queues }, launches: adopted.launches, units: changed }
}

function instancesOf({ resources }: ScopeLook): readonly Instance[] {
  return resources.state === 'known' ? resources.value.filter(isInstance) : []
}

function instanceKey(instance: Instance): string {
  return unitKey({ launchId: instance.ownership.launchId, index: instance.unitIndex })
}

function agentSeen(facts: Facts, launch: LaunchRecord, unit: UnitRecord): AgentSeen {
  const agents = facts.agents.get(launch.agentType)
  if (agents?.state !== 'known') return 'unknown'
  return agents.value.get(unit.name) ?? 'absent'
}

interface Context {
  readonly launch: LaunchRecord
  readonly look: ScopeLook | undefined
  readonly instance: Instance | undefined
  readonly agent: AgentSeen
  readonly facts: Facts
  readonly now: number
  readonly capabilities: Capabilities | undefined
}

function advance(unit: UnitRecord, context: Context): UnitRecord {
  const { launch, instance, agent, facts, now } = context
  const console = instance && facts.consoles.get(instance.id)
  const marks = { ...unit.marks, ...marksOf(console?.report, instance?.createdAt ?? launch.acceptedAt) }
  const absentSince = absence(unit, context)
  const isGone = absentSince !== undefined && isProvenGone(absentSince, context)
  const phase = phaseOf({
    isAccepted: launch.state !== 'intended' || instance !== undefined,
    instance,
    isGone,
    isTerminateAsked: unit.terminateAskedAt !== undefined,
    agent,
    hasAgentRegistered: 'agent-registered' in marks,
    hasAgentEnded: 'agent-ended' in marks || console?.report.end !== undefined,
    hasBeenOnline: unit.entered.online !== undefined,
  })
  const ending = unit.reason ? {} : endingOf(phase, context, console)
  const next: UnitRecord = {
    ...withoutAbsence(unit),
    ...(instance && { instanceId: instance.id }),
    ...(absentSince !== undefined && { absentSince }),
    ...ending,
    phase,
    marks,
    entered: { ...unit.entered, [phase]: unit.entered[phase] ?? now },
  }
  return JSON.stringify(next) === JSON.stringify(unit) ? unit : next
}

function withoutAbsence({ absentSince: _, ...unit }: UnitRecord): UnitRecord {
  return unit
}

/** Start of the absence, which only complete looks asked for after the acceptance can show. */
function absence(unit: UnitRecord, { launch, look, instance, capabilities }: Context): number | undefined {
  if (instance) return undefined
  if (look?.resources.state !== 'known' || launch.acceptedAt === undefined) return unit.absentSince
  if (look.askedAt < launch.acceptedAt + (capabilities?.settleMs ?? 0)) return unit.absentSince
  return unit.absentSince ?? look.askedAt
}

/** Absence from one list is never proof: it takes a second one, `settleMs` later. */
function isProvenGone(absentSince: number, { look, capabilities }: Context): boolean {
  if (look?.resources.state !== 'known') return false
  return look.askedAt > absentSince && look.askedAt - absentSince >= (capabilities?.settleMs ?? 0)
}

type Ending = Pick<UnitRecord, 'reason' | 'detail' | 'consoleTail'>

function endingOf(
  phase: UnitRecord['phase'],
  { instance, capabilities }: Context,
  console: { readonly report: ConsoleReport; readonly tail: string } | undefined,
): Ending {
  if (phase !== 'draining' && phase !== 'terminating' && phase !== 'gone') return {}
  const end = console?.report.end
  if (end)
    return because(
      end.reason === 'refused' ? 'not-needed' : asEndReason(end.reason),
      end.detail,
      console.tail,
    )
  if (instance?.isReclaimed) return because('spot-reclaimed', instance.fault ?? 'The cloud took it back.')
  if (instance?.state === 'failed')
    return because('lost', instance.fault ?? 'The cloud gave it up.', console?.tail)
  if (phase === 'gone' && !instance && capabilities?.poweroff !== 'deletes') {
    return because('lost', 'It is missing from two complete lists, and did not say that it ended.')
  }
  if (phase === 'gone' || instance?.state === 'stopped') {
    return because('unknown', 'It ended without a word on its console.', console?.tail)
  }
  return {}
}

function because(reason: EndReason, detail: string, consoleTail?: string): Ending {
  return { reason, ...(detail && { detail }), ...(consoleTail && { consoleTail }) }
}

function marksOf(
  report: ConsoleReport | undefined,
  startedAt: number | undefined,
): Readonly<Record<string, number>> {
  if (!report || startedAt === undefined) return {}
  return Object.fromEntries(
    Object.entries(report.marks).map(([name, seconds]) => [name, Math.round(startedAt + seconds * 1000)]),
  )
}
