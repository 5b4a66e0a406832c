import stringWidth from 'string-width'

/** Rows under their headings, columns as wide as they need; the last one is not padded. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...lines.map(line => stringWidth(line[column] ?? ''))))
  return lines.map(line =>
    line
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  )
}

/** `42 s`, `3 min`, `2.5 h`. */
export function span(ms: number): string {
  if (ms < 120_000) return `${Math.max(0, ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}

/** The first part of a job's id is enough to find it by eye. */
export function shortJob(jobId: string | undefined): string {
  return jobId?.slice(0, 8) ?? 'any'
}
