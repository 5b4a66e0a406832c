import { gravest } from '../errors/exit-codes.ts'
import { type Check, codesOf } from '../operations/doctor-check.ts'
import { table } from './table.ts'

export interface DoctorJson {
  readonly checks: readonly Check[]
  readonly problems: number
  readonly warnings: number
  readonly unproven: number
  readonly exit: number
}

export function doctorJson(checks: readonly Check[]): DoctorJson {
  const count = (level: Check['level']) => checks.filter(check => check.level === level).length
  return {
    checks,
    problems: count('problem'),
    warnings: count('warning'),
    unproven: count('unproven'),
    exit: gravest(codesOf(checks)),
  }
}

/** Every check with what to do about it, and a line that sums up. */
export function doctorLines({ checks, problems, warnings, unproven }: DoctorJson): readonly string[] {
  const rows = checks.flatMap(({ level, area, subject, message, fix }) => [
    [level === 'problem' ? 'PROBLEM' : level, area, subject, message],
    ...(fix === undefined || level === 'ok' ? [] : [['', '', '', `Fix: ${fix}`]]),
  ])
  const counted = [
    [problems, 'problem'],
    [warnings, 'warning'],
    [unproven, 'unproven'],
  ] as const
  const said = counted.flatMap(([count, word]) => {
    if (count === 0) return []
    return [`${count} ${count === 1 || word === 'unproven' ? word : `${word}s`}`]
  })
  const hint =
    unproven > 0 ? ' `--launch-probe` launches a machine for a moment, and shows what is unproven.' : ''
  return [
    ...table(['', 'WHERE', 'WHAT', 'FOUND'], rows),
    said.length === 0 ? 'All is well.' : `${said.join(', ')}.${hint}`,
  ]
}
