import type { Figures } from '../../history/figures.ts'
import { table } from '../table.ts'
import { headlines, reportTables } from './tables.ts'

export function reportLines(figures: Figures, owner: string): readonly string[] {
  const { span, machines, money } = figures
  if (machines.wanted + figures.jobs.seen === 0) {
    return [`Nothing of ${owner} is written down since ${isoOf(figures.since)}.`]
  }
  return [
    `${owner}, ${isoOf(span.from)} to ${isoOf(span.to)}`,
    headlines(figures)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', '),
    ...(money.unpriced > 0 && money.cost !== undefined
      ? [`${money.unpriced} machines have no price, and are in no sum.`]
      : []),
    ...reportTables(figures).flatMap(({ title, headings, rows, none }) => [
      '',
      `${title}:`,
      ...(rows.length > 0 ? table(headings, rows) : [none]),
    ]),
  ]
}

export function isoOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
