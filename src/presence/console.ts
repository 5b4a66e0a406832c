import type { ConsoleReport } from '../fleet/picture.ts'

const markLine = /^agentctl: phase=(\S+) t=(\d+(?:\.\d+)?)\s*$/
const endLine = /^agentctl: end reason=(\S+) ?(.*?)\s*$/

/** What a machine has said of itself; the first mark of a name counts, and the last end. */
export function readConsole(text: string): ConsoleReport {
  const marks = new Map<string, number>()
  let end: ConsoleReport['end']
  for (const line of text.split(/\r?\n/)) {
    const mark = markLine.exec(line)
    if (mark?.[1] !== undefined && !marks.has(mark[1])) marks.set(mark[1], Number(mark[2]))
    const told = endLine.exec(line)
    if (told?.[1] !== undefined) end = { reason: told[1], detail: told[2] ?? '' }
  }
  return { marks: Object.fromEntries(marks), ...(end && { end }) }
}
