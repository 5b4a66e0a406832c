import { type Figures, figuresOf } from '../history/figures.ts'
import type { Context } from './context.ts'
import { readHistory } from './history.ts'

export interface Report {
  readonly owner: string
  readonly figures: Figures
}

/** What ran since then, from this host's journal, with the configuration's prices. */
export function report(context: Context, since: number): Report {
  const history = readHistory(context, since)
  return { owner: history.owner, figures: figuresOf(history, context.settings.prices) }
}
