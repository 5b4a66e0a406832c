import { redact } from '../errors/redact.ts'
import type { UnitFacts } from './observe.ts'
import type { Phase } from './phases.ts'
import type { AgentSeen } from './picture.ts'
import { asEndReason, type EndReason } from './reasons.ts'
import type { LaunchRecord, UnitRecord } from './records.ts'

type Ending = Pick<UnitRecord, 'reason' | 'detail' | 'consoleTail'>

/** Why a unit that is on its way down ends, as far as this tick's facts say: the machine's own word first. */
export function endingOf(phase: Phase, unit: UnitRecord, facts: UnitFacts): Ending {
  const { instance, capabilities, console } = facts
  if (phase !== 'draining' && phase !== 'terminating' && phase !== 'gone') return {}
  const { report, tail } = console?.state === 'known' ? console.value : {}
  if (report?.end) {
    const { reason, detail } = report.end
    return because(reason === 'refused' ? 'not-needed' : asEndReason(reason), detail, tail)
  }
  if (instance?.isReclaimed) return because('spot-reclaimed', instance.fault ?? 'The cloud took it back.')
  if (instance?.state === 'failed') return because('lost', instance.fault ?? 'The cloud gave it up.', tail)
  const isOver = phase === 'gone' || instance?.state === 'stopped'
  if (isOver && hasLeftAfterJob(unit, facts)) {
    return because('job-finished', 'The hub saw its agent at work, and then leave.', tail)
  }
  if (phase === 'gone' && !instance && capabilities?.poweroff !== 'deletes') {
    // A machine that powers itself off stays to be seen there; on the spot market it is the cloud that removes one.
    return facts.launch.offering.market === 'spot'
      ? because('spot-reclaimed', 'It is missing from two complete lists: the spot market has taken it back.')
      : because('lost', 'It is missing from two complete lists, and did not say that it ended.')
  }
  // A console that could not be read may still say why, while the machine is there.
  if (instance?.state === 'stopped' && console?.state === 'unknown') return {}
  if (isOver) {
    return because('unknown', 'It ended without a word on its console.', tail)
  }
  return {}
}

/** A machine may be asked to stop, and its agent leave, so long before its own deadline. */
const softStopMs = 10 * 60_000

/**
 * Where the console costs a call, the hub's word will do: it saw the bound agent at work, and sees it no more. One that
 * broke down would be listed for minutes after.
 */
export function hasLeftAfterJob(
  unit: UnitRecord,
  { agent, launch, now }: { readonly agent: AgentSeen; readonly launch: LaunchRecord; readonly now: number },
): boolean {
  const isBoundAndSeen = unit.jobId !== undefined && unit.entered.online !== undefined
  // An agent on a spot machine may have left its job for the cloud's notice; of an adopted one nobody knows its market.
  const mayBeSpot = launch.offering.market === 'spot' || launch.offering.type === ''
  return isBoundAndSeen && !mayBeSpot && agent === 'absent' && now < launch.expiresAt - softStopMs
}

function because(reason: EndReason, detail: string, consoleTail?: string): Ending {
  return {
    reason,
    ...(detail && { detail: redact(detail) }),
    ...(consoleTail && { consoleTail: keptOf(consoleTail) }),
  }
}

/** What is kept of a console. Unit: characters. */
const tailMax = 16_384

/** The end of a console as it may be written down: without what looks like a secret. */
export function keptOf(console: string): string {
  return redact(console).slice(-tailMax)
}
