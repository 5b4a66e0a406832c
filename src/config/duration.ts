const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** `1h30m`, `90s`, `500ms`: whole numbers with units, larger units first, each at most once. */
export const durationPattern =
  /^(?=\d)(?:(\d{1,7})d)?(?:(\d{1,7})h)?(?:(\d{1,7})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/

/** Milliseconds, or undefined when `text` is no duration. */
export function parseDuration(text: string): number | undefined {
  const found = durationPattern.exec(text)
  if (!found) return undefined
  const counts = found.slice(1).map(count => Number(count ?? 0))
  return Object.values(units).reduce((sum, unit, index) => sum + unit * (counts[index] ?? 0), 0)
}

/** The shortest text that {@link parseDuration} reads as these whole milliseconds; `25h` rather than `1d1h`. */
export function formatDuration(ms: number): string {
  let rest = ms
  const parts = Object.entries(units).map(([name, unit]) => {
    if (name === 'd') return ''
    const count = Math.floor(rest / unit)
    rest -= count * unit
    return count === 0 ? '' : `${count}${name}`
  })
  return parts.join('') || '0s'
}
