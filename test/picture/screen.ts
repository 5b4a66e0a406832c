/** A moment of a terminal: what its lines show, and since when. Unit: milliseconds since the start. */
export interface Frame {
  readonly atMs: number
  readonly lines: readonly string[]
}

/** What was written to a terminal at once. */
export interface Written {
  readonly atMs: number
  readonly text: string
}

/** A sequence (private or not, digits, verb), a return, a new line, or text. */
const sequence = '\u001b\\[(\\??)([\\d;]*)([A-Za-z])'
const tokens = new RegExp(`${sequence}|(\\r)|(\\n)|([^\u001b\r\n]+)`, 'g')

/** What a terminal of any height shows after each time that it was written to; the same twice is one moment. Pure. */
export function framesOf(writings: readonly Written[]): readonly Frame[] {
  const screen = newScreen()
  const frames: Frame[] = []
  for (const { atMs, text } of writings) {
    for (const token of text.matchAll(tokens)) screen.take(token)
    const lines = screen.lines()
    if (String(lines) !== String(frames.at(-1)?.lines)) frames.push({ atMs, lines })
  }
  return frames
}

function newScreen() {
  const rows: string[] = ['']
  let [row, column] = [0, 0]
  const put = (text: string) => {
    const before = (rows[row] ?? '').padEnd(column)
    rows[row] = before.slice(0, column) + text + before.slice(column + text.length)
    column += text.length
  }
  const moves: Readonly<Record<string, (count: number) => void>> = {
    A: count => {
      row = Math.max(0, row - count)
    },
    B: count => {
      row += count
    },
    G: count => {
      column = count - 1
    },
  }
  const erase = (how: string) => {
    rows[row] = how === '2' ? '' : (rows[row] ?? '').slice(0, column)
  }
  return {
    take([, isPrivate, digits = '', verb = '', isReturn, isNewline, text]: RegExpExecArray) {
      if (text !== undefined) put(text)
      else if (isReturn) column = 0
      else if (isNewline) row += 1
      else if (verb === 'K') erase(digits)
      else if (!isPrivate) moves[verb]?.(Number(digits || 1))
      while (rows.length <= row) rows.push('')
    },
    lines: () =>
      rows.map(line => line.trimEnd()).slice(0, rows.findLastIndex(line => line.trim() !== '') + 1),
  }
}
