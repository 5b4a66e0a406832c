/** `text` as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Words of a command line. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}
