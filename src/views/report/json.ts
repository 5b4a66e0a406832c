import type { Figures } from '../../history/figures.ts'

/** For programs: times in milliseconds since the epoch, durations in milliseconds. */
export type ReportJson = { readonly owner: string } & Omit<Figures, 'lanes'>

/** Without what is for drawing alone: `history export` has each machine. */
export function reportJson({ lanes: _, ...figures }: Figures, owner: string): ReportJson {
  return { owner, ...figures }
}
