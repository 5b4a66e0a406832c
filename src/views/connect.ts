const plain = /^[\w@%+=:,./-]+$/

/** A command as a person would type it: words that a shell would read otherwise are quoted. */
export function typed(command: readonly string[]): string {
  return command.map(word => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}
