import { type Figures, figuresOf } from '../history/figures.ts'
import type { Context } from './context.ts'
import { readHistory } from './history.ts'

export interface Report {
  readonly owner: string
  readonly figures: Figures
}

/** What ran since then, from this host's journal or that of all hosts, with the configuration's prices. */
export async function report(context: Context, since: number): Promise<Report> {
  const history = await readHistory(context, since)
  return { owner: history.owner, figures: figuresOf(history, context.settings.prices) }
}
