import { type ErrorCode, type Finding, isContractError } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import { redact } from '../errors/redact.ts'

/** One thing that was looked at. */
export interface Check extends Finding {
  /** `agentctl`, `hub`, or `pool NAME`. */
  readonly area: string
}

export function ok(area: string, subject: string, message: string): Check {
  return { area, level: 'ok', subject, message }
}

export function problem(area: string, subject: string, thrown: unknown): Check {
  const error = isContractError(thrown) ? thrown : undefined
  const details = (error?.problems ?? []).map(one => `${one.path} ${one.message}`)
  const fault = error?.fault === undefined ? [] : [`the cloud said: ${error.fault}`]
  return {
    area,
    level: 'problem',
    subject,
    message: redact([messageOf(thrown), ...fault, ...details].join('; ')),
    ...(error?.hint !== undefined && { fix: error.hint }),
    code: error?.code ?? 'internal',
  }
}

/** What a look gave, if it did, and how to tell it. */
export async function looked<T>(
  area: string,
  subject: string,
  look: () => Promise<T>,
  words: (value: T) => string,
): Promise<{ readonly check: Check; readonly value?: T }> {
  try {
    const value = await look()
    return { check: ok(area, subject, words(value)), value }
  } catch (error) {
    return { check: problem(area, subject, error) }
  }
}

/** How far a time that was told in whole seconds lies outside of what it can be by our clock. */
export function skewOf(told: number, from: number, to: number): number {
  if (told + 1000 < from) return told + 1000 - from
  return told > to ? told - to : 0
}

/** Signed requests to clouds are refused when they are off by 5 min (AWS "Signature Version 4", 2026-11). */
const skewRefusedMs = 4 * 60_000
const skewNotedMs = 30_000

/** Clocks that differ, whichever is wrong. */
export function clockCheck(area: string, whose: string, skewMs: number): Check {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const words = `the clock of ${whose} is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this host's`
  const fix = 'Let this host keep its time by NTP, such as by systemd-timesyncd or chrony.'
  if (Math.abs(skewMs) < skewNotedMs) return ok(area, 'clock', `this host's agrees with that of ${whose}`)
  if (Math.abs(skewMs) < skewRefusedMs)
    return { area, level: 'warning', subject: 'clock', message: words, fix }
  return { area, level: 'problem', subject: 'clock', message: words, fix, code: 'unauthenticated' }
}

/** What each problem would be refused with. */
export function codesOf(checks: readonly Check[]): readonly ErrorCode[] {
  return checks.flatMap(({ level, code }) => (level === 'problem' ? [code ?? 'invalid-spec'] : []))
}
