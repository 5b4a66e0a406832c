import { type Catalogue, type CommandFacts, type FlagFacts, firstLine } from './catalogue.ts'

export interface Candidate {
  readonly value: string
  readonly about: string
}

/** Names that only the configuration, the plugins or the cloud can tell. */
export type NamesOf = 'pool' | 'provider' | 'agent-type' | 'instance' | 'host'

export type Wanted =
  | { readonly kind: 'these'; readonly candidates: readonly Candidate[] }
  /** `before` stands before each name, as in `--pool=linux`. `given` are the flags so far. */
  | {
      readonly kind: 'names'
      readonly of: NamesOf
      readonly before: string
      readonly given: Readonly<Record<string, string>>
    }
  /** The shell knows better: files. */
  | { readonly kind: 'files' }

const names: Readonly<Record<string, NamesOf>> = {
  pool: 'pool',
  provider: 'provider',
  'agent-type': 'agent-type',
  instance: 'instance',
  host: 'host',
}

/**
 * What may stand where the last of the words does. Pure; candidates are not yet narrowed to what has been typed.
 * `words` follow the program's name; the last is the one under the cursor, empty where nothing is typed yet.
 */
export function wantedAt(words: readonly string[], catalogue: Catalogue): Wanted {
  // Bash makes three words of `--pool=linux`, and replaces the last.
  const typed = words.at(-1) === '=' ? [...words.slice(0, -1), ''] : words
  const plain = typed.filter((word, index) => word !== '=' && !(index === 0 && word === 'help'))
  const before = plain.slice(0, -1)
  const current = plain.at(-1) ?? ''
  const { command, depth } = commandOf(before, catalogue)
  if (!command) return { kind: 'these', candidates: nextWords(before, catalogue) }
  const rest = before.slice(depth)
  if (words[0] === 'help' || rest.includes('--')) return { kind: 'files' }
  return inCommand(command, rest, current)
}

/** The command that the words begin with, and how many of them are its name. */
function commandOf(words: readonly string[], { commands }: Catalogue) {
  for (let depth = words.length; depth > 0; depth -= 1) {
    const command = commands.find(({ id }) => id === words.slice(0, depth).join(':'))
    if (command) return { command, depth }
  }
  return { command: undefined, depth: 0 }
}

/** The words that may follow in a command's name, each once; none where no command begins so. */
function nextWords(before: readonly string[], { commands, topics }: Catalogue): readonly Candidate[] {
  const start = before.map(word => `${word}:`).join('')
  const found = new Map<string, string>()
  for (const { id, summary } of commands.filter(({ id }) => id.startsWith(start))) {
    const word = id.slice(start.length).split(':', 1)[0] ?? ''
    const name = start + word
    const topic = topics.find(one => one.name === name)
    if (!found.has(word) || id === name) found.set(word, (id === name ? summary : topic?.description) ?? '')
  }
  return [...found].map(([value, about]) => ({ value, about }))
}

function inCommand(command: CommandFacts, rest: readonly string[], current: string): Wanted {
  const flagOf = (word: string | undefined) => command.flags.find(flag => wordsOf(flag).includes(word ?? ''))
  const given: Record<string, string> = {}
  const used = new Set<string>()
  let positionals = 0
  let open: FlagFacts | undefined
  for (const word of rest) {
    if (open) {
      given[open.name] = word
      open = undefined
      continue
    }
    const [name, value] = word.startsWith('--') ? word.split(/=(.*)/s) : [word]
    const flag = flagOf(name)
    if (!flag) positionals += 1
    else {
      used.add(flag.name)
      if (value !== undefined) given[flag.name] = value
      else if (flag.type === 'option') open = flag
    }
  }
  if (open) return valuesOf(open.name, open.options, '', given)
  const [name, value] = current.startsWith('--') ? current.split(/=(.*)/s) : [current]
  const joined = value === undefined ? undefined : flagOf(name)
  if (joined) return valuesOf(joined.name, joined.options, `${name}=`, given)
  if (current.startsWith('-')) return { kind: 'these', candidates: flagWords(command, used) }

  const arg = command.args[positionals] ?? (command.isOpenEnded ? command.args.at(-1) : undefined)
  if (arg) return valuesOf(arg.name, arg.options, '', given)
  return { kind: 'these', candidates: flagWords(command, used) }
}

function valuesOf(
  name: string,
  options: readonly string[] | undefined,
  before: string,
  given: Readonly<Record<string, string>>,
): Wanted {
  if (options) {
    const candidates = options.map(value => ({ value: before + value, about: '' }))
    return { kind: 'these', candidates }
  }
  const of = names[name]
  return of ? { kind: 'names', of, before, given } : { kind: 'files' }
}

function wordsOf({ name, char, allowNo }: FlagFacts): readonly string[] {
  return [`--${name}`, ...(allowNo ? [`--no-${name}`] : []), ...(char === undefined ? [] : [`-${char}`])]
}

function flagWords({ flags }: CommandFacts, used: ReadonlySet<string>): readonly Candidate[] {
  return flags
    .filter(flag => flag.multiple || !used.has(flag.name))
    .flatMap(flag => {
      const about = firstLine(flag.summary ?? flag.description)
      return wordsOf(flag)
        .filter(word => word.startsWith('--'))
        .map(value => ({ value, about }))
    })
}
