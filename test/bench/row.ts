/** A line of the table: a ratio or a count, and the most that it may be. */
export interface Row {
  readonly benchmark: string
  readonly what: string
  readonly figure: number
  /** `×` is times the start of a Node that does nothing, measured right before. */
  readonly unit: string
  readonly atMost?: number
}

export function isKept({ figure, atMost }: Row): boolean {
  return atMost === undefined || figure <= atMost
}

export function shown(figure: number): string {
  if (Number.isInteger(figure)) return figure.toLocaleString('en')
  return figure < 0.1
    ? figure.toFixed(3)
    : figure < 100
      ? figure.toFixed(1)
      : Math.round(figure).toLocaleString('en')
}

export function rowText({ benchmark, what, figure, unit, atMost }: Row): readonly string[] {
  const bound = atMost === undefined ? '' : shown(atMost)
  return [
    benchmark,
    what,
    `${shown(figure)} ${unit}`.trim(),
    isKept({ benchmark, what, figure, unit, ...(atMost !== undefined && { atMost }) })
      ? bound
      : `${bound}: not kept`,
  ]
}
