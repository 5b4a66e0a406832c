/** How long a failed machine is kept where nobody says. */
const holdDefault = '30m'

/** `--hold-on-failure` may stand alone; oclif knows no flag whose value may be left out. */
export function withHold(argv: readonly string[]): string[] {
  return argv.map((word, at) => {
    const isBare = word === '--hold-on-failure' && !/^\d/.test(argv[at + 1] ?? '')
    return isBare ? `${word}=${holdDefault}` : word
  })
}
