export interface Split {
  readonly output: string
  readonly rest: string
  /** Set when the command has ended. */
  readonly code?: number
}

/**
 * Takes the end mark (`mark`, exit code, \x01) out of what a shell printed. Text that may be the beginning of a mark
 * is kept back until more comes.
 */
export function splitAtMark(text: string, mark: string): Split {
  const at = text.indexOf(mark)
  if (at >= 0) {
    const end = text.indexOf('\u0001', at + mark.length)
    if (end < 0) return { output: text.slice(0, at), rest: text.slice(at) }
    return {
      output: text.slice(0, at),
      rest: text.slice(end + 1),
      code: Number(text.slice(at + mark.length, end)),
    }
  }
  const start = text.lastIndexOf('\u0001')
  const maybe = start >= 0 && mark.startsWith(text.slice(start))
  return maybe ? { output: text.slice(0, start), rest: text.slice(start) } : { output: text, rest: '' }
}
