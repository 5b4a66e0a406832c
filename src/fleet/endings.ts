import type { UnitFacts } from './observe.ts'
import type { Phase } from './phases.ts'
import { asEndReason, type EndReason } from './reasons.ts'
import type { UnitRecord } from './records.ts'

type Ending = Pick<UnitRecord, 'reason' | 'detail' | 'consoleTail'>

/** Why a unit that is on its way down ends, as far as this tick's facts say: the machine's own word first. */
export function endingOf(phase: Phase, { instance, capabilities, console }: UnitFacts): Ending {
  if (phase !== 'draining' && phase !== 'terminating' && phase !== 'gone') return {}
  const { report, tail } = console?.state === 'known' ? console.value : {}
  if (report?.end) {
    const { reason, detail } = report.end
    return because(reason === 'refused' ? 'not-needed' : asEndReason(reason), detail, tail)
  }
  if (instance?.isReclaimed) return because('spot-reclaimed', instance.fault ?? 'The cloud took it back.')
  if (instance?.state === 'failed') return because('lost', instance.fault ?? 'The cloud gave it up.', tail)
  if (phase === 'gone' && !instance && capabilities?.poweroff !== 'deletes') {
    return because('lost', 'It is missing from two complete lists, and did not say that it ended.')
  }
  // A console that could not be read may still say why, while the machine is there.
  if (instance?.state === 'stopped' && console?.state === 'unknown') return {}
  if (phase === 'gone' || instance?.state === 'stopped') {
    return because('unknown', 'It ended without a word on its console.', tail)
  }
  return {}
}

function because(reason: EndReason, detail: string, consoleTail?: string): Ending {
  return { reason, ...(detail && { detail }), ...(consoleTail && { consoleTail }) }
}
