import type { ErrorCode } from '@agentctl/contract'
import type { EndReason } from './reasons.ts'
import type { UnitRecord } from './records.ts'
import type { WantState } from './wants.ts'

/** What a failed end is called when it decides a command's exit. */
const codes: Readonly<Partial<Record<EndReason, ErrorCode>>> = {
  'agent-failed': 'boot-failed',
  'boot-timeout': 'boot-failed',
  'agent-timeout': 'agent-timeout',
  lost: 'boot-failed',
  expired: 'boot-failed',
  'spot-reclaimed': 'boot-failed',
  interrupted: 'boot-failed',
  'unable-to-sync': 'unavailable',
}

export function codeOfUnit(unit: UnitRecord): ErrorCode {
  return unit.errorCode ?? codes[unit.reason ?? 'unknown'] ?? 'unavailable'
}

/** The code of a want that did not get what it wanted; undefined when it did, or is not wanted any more. */
export function codeOfWant(state: WantState): ErrorCode | undefined {
  switch (state.state) {
    case 'done':
    case 'served':
      return undefined
    case 'failed':
      return state.unit.reason === 'unknown' ? 'boot-failed' : codeOfUnit(state.unit)
    case 'unclear':
      return codeOfUnit(state.unit)
    case 'refused':
      return 'quota-exceeded'
    case 'open':
      return state.last ? codeOfUnit(state.last) : 'capacity-unavailable'
  }
}
