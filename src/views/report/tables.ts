import type { Figures } from '../../history/figures.ts'
import { span } from '../table.ts'

/** What a table holds, whoever prints it. */
export interface ReportTable {
  readonly id: string
  readonly title: string
  readonly headings: readonly string[]
  /** As many cells as headings; the first one names the row. */
  readonly rows: readonly (readonly string[])[]
  /** Said in its place where there are no rows. */
  readonly none: string
}

export function reportTables(figures: Figures): readonly ReportTable[] {
  return [stages(figures), waits(figures), offerings(figures), failures(figures), days(figures)]
}

function stages({ stages: rows }: Figures): ReportTable {
  return {
    id: 'phases',
    title: 'Waits and phases',
    headings: ['PHASE', 'COUNT', 'MEDIAN', 'P95', 'LONGEST'],
    rows: rows.map(({ words, count, medianMs, p95Ms, longestMs }) => [
      words,
      String(count),
      span(medianMs),
      span(p95Ms),
      span(longestMs),
    ]),
    none: 'No machine has come far enough.',
  }
}

function waits({ waits: rows }: Figures): ReportTable {
  return {
    id: 'waits',
    title: 'Why jobs waited',
    headings: ['REASON', 'JOBS', 'TOGETHER', 'THE LATEST'],
    rows: rows.map(({ code, jobs, totalMs, why }) => [code, String(jobs), span(totalMs), why]),
    none: 'No job waited for anything but its machine.',
  }
}

function offerings({ offerings: rows, money }: Figures): ReportTable {
  return {
    id: 'offerings',
    title: 'Success by offering',
    headings: ['OFFERING', 'POOL', 'WANTED', 'SERVED', 'FAILED', 'SUCCESS', 'READY P95', 'MINUTES', 'COST'],
    rows: rows.map(({ offering, pool, wanted, served, failed, success, ready, minutes, cost }) => [
      offering,
      pool,
      String(wanted),
      String(served),
      String(failed),
      success === undefined ? '' : `${(success * 100).toFixed(1)} %`,
      ready ? span(ready.p95Ms) : '',
      minutes.toFixed(1),
      cost === undefined ? '' : moneyOf(cost, money.currency),
    ]),
    none: 'No machine was wanted.',
  }
}

function failures({ failures: rows }: Figures): ReportTable {
  return {
    id: 'failures',
    title: 'Failures by reason',
    headings: ['REASON', 'COUNT', 'EXAMPLE', 'OFFERING', 'WHAT WAS SAID'],
    rows: rows.map(({ reason, code, count, example }) => [
      code === undefined ? reason : `${reason}: ${code}`,
      String(count),
      example.jobId ?? example.name,
      example.offering,
      example.detail ?? example.fault ?? '',
    ]),
    none: 'None.',
  }
}

function days({ money }: Figures): ReportTable {
  return {
    id: 'days',
    title: 'Machines, jobs and cost by day',
    headings: ['DAY (UTC)', 'MACHINES', 'JOBS', 'MACHINE-MINUTES', 'COST'],
    rows: money.days.map(({ day, machines, jobs, minutes, cost }) => [
      day,
      String(machines),
      String(jobs),
      minutes.toFixed(1),
      cost === undefined ? '' : moneyOf(cost, money.currency),
    ]),
    none: 'No day.',
  }
}

/** `USD 1.23`, with more digits where there is little of it. */
export function moneyOf(amount: number, currency: string): string {
  return `${currency} ${amount.toFixed(amount > 0 && amount < 1 ? 4 : 2)}`
}

/** The figures that come first. */
export function headlines({
  machines,
  jobs,
  money,
  stages: phases,
}: Figures): readonly (readonly [string, string])[] {
  const wait = phases.find(stage => stage.name === 'wait')
  return [
    ['Jobs run', String(jobs.ran)],
    ['Jobs waiting', String(jobs.waiting)],
    ['Median wait', wait ? span(wait.medianMs) : 'unknown'],
    ['p95 wait', wait ? span(wait.p95Ms) : 'unknown'],
    ['Machines wanted', String(machines.wanted)],
    ['Most at once', String(machines.atOnce)],
    ['Failed', String(machines.failed)],
    ['Machine-minutes', money.minutes.toFixed(0)],
    ...(money.cost === undefined ? [] : [['Cost', moneyOf(money.cost, money.currency)] as const]),
    ...(money.costPerJob === undefined
      ? []
      : [['Cost per job', moneyOf(money.costPerJob, money.currency)] as const]),
  ]
}
