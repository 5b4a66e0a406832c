/** `text` as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Words of a command line. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

/** What mail software may touch on its way: everything but printable ASCII, tab and line feed. */
const delicate = /[^\t\n\x20-\x7e]/

/**
 * `text` as one word of bash in printable ASCII alone, for scripts that travel as MIME parts: other bytes are written
 * as `$'\ooo'`. A shell's word cannot hold NUL.
 * @throws RangeError for a NUL
 */
export function asciiQuoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('A word of a shell cannot hold a NUL')
  if (!delicate.test(text)) return quoted(text)
  const bytes = new TextEncoder().encode(text)
  return `$'${Array.from(bytes, escapedByte).join('')}'`
}

function escapedByte(byte: number): string {
  const isPlain = byte >= 0x20 && byte <= 0x7e
  const letter = String.fromCharCode(byte)
  if (isPlain) return letter === "'" || letter === '\\' ? `\\${letter}` : letter
  return `\\${byte.toString(8).padStart(3, '0')}`
}
