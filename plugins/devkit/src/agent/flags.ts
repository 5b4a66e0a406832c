import { good, type Outcome, usage } from './outcome.ts'
import { type Setting, settings } from './settings.ts'

export type FlagValue = string | boolean | number | readonly string[]
export type FlagValues = ReadonlyMap<string, FlagValue>

const byName: ReadonlyMap<string, Setting> = new Map<string, Setting>(
  settings.map(setting => [setting.key, setting]),
)

/**
 * Command-line flags as pflag reads them: `--key value`, `--key=value`, a bare flag is true, a list is CSV and may be
 * repeated, `--` ends them, other words are ignored. Errors have pflag's wording and exit code 2.
 */
export function parseFlags(args: readonly string[]): Outcome<FlagValues> {
  const found = new Map<string, FlagValue>()
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') break
    if (argument === '--help' || argument === '-h')
      return { ok: false, refusal: { exitCode: 0, message: 'pflag: help requested' } }
    if (!argument.startsWith('-') || argument === '-') continue
    if (!argument.startsWith('--'))
      return usage(`unknown shorthand flag: '${argument.charAt(1)}' in ${argument}`)
    const equals = argument.indexOf('=')
    const name = equals < 0 ? argument.slice(2) : argument.slice(2, equals)
    const setting = byName.get(name)
    if (setting === undefined) return usage(`unknown flag: --${name}`)
    let given = equals < 0 ? undefined : argument.slice(equals + 1)
    if (given === undefined) {
      if (setting.kind === 'flag') given = 'true'
      else if (index + 1 < args.length) given = args[++index]
      else return usage(`flag needs an argument: --${name}`)
    }
    const value = readFlag(setting, given ?? '', found.get(name))
    if (!value.ok) return value
    found.set(name, value.value)
  }
  return good(found)
}

function readFlag(setting: Setting, given: string, earlier: FlagValue | undefined): Outcome<FlagValue> {
  const invalid = (parser: string) =>
    usage(
      `invalid argument "${given}" for "--${setting.key}" flag: strconv.${parser}: parsing "${given}": invalid syntax`,
    )
  switch (setting.kind) {
    case 'text':
      return good(given)
    case 'flag': {
      const value = parseGoBool(given)
      return value === undefined ? invalid('ParseBool') : good(value)
    }
    case 'whole': {
      const value = parseGoInt(given)
      return value === undefined ? invalid('ParseInt') : good(value)
    }
    case 'list':
      return good([...(Array.isArray(earlier) ? earlier : []), ...splitCsv(given)])
  }
}

/** What Go's strconv.ParseBool takes. */
export function parseGoBool(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined
}

export function parseGoInt(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

function splitCsv(line: string): string[] {
  if (line === '') return []
  const fields = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []
  // The expression also matches the empty end, unless the line ends in a comma.
  const used = line.endsWith(',') ? fields : fields.slice(0, -1)
  return used
    .map(field => field.replace(/,$/, ''))
    .map(field => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field))
}

export function usageText(program: string): string {
  const width = Math.max(...settings.map(({ key, kind }) => `${key} ${kind}`.length))
  const lines = settings.map(({ key, kind, help }) => {
    const name = kind === 'flag' ? key : `${key} ${{ text: 'string', whole: 'int', list: 'strings' }[kind]}`
    return `      --${name.padEnd(width + 4)} ${help}`
  })
  return [`Usage of ${program}:`, ...lines].join('\n')
}
