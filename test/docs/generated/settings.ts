import { agentSettings, variableOf } from '../../../src/agent/index.ts'
import { provisionFlags } from '../../../src/cli/provision-flags.ts'
import { settingsFlags } from '../../../src/cli/settings-flags.ts'
import { flagOf, ownKeys, variableOfKey } from '../../../src/config/keys.ts'
import { agentSourceProperties, configSchema } from '../../../src/config/schema.ts'
import { jointRules } from './joint-rules.ts'
import { code, markdownTable } from './markdown.ts'
import { type SchemaRow, schemaRows } from './schema-rows.ts'

const places = { top: '', type: 'agent-types.NAME.', pool: 'pools.NAME.' } as const
const own = new Map(ownKeys.map(row => [`${places[row.at]}${row.key}`, row]))

/** What is in force although the schema has no default. */
const computed: Readonly<Record<string, string>> = {
  owner: "the user's and the host's names",
  coordinator: 'none: this host works alone',
  endpoint: 'required where the hub is asked',
  'api-token': '`env:SEMAPHORE_API_TOKEN` where that is set',
  'agent-types.NAME.pools': 'the only pool',
  'pools.NAME.capacity.scale-down-after': '`timeouts.idle`',
}

/** Which agent runs: described for editors, and checked elsewhere. */
const sources: readonly SchemaRow[] = Object.entries(agentSourceProperties).map(
  ([name, { description }]) => ({
    key: `pools.NAME.agent.${name}`,
    type: 'text',
    rules: name === 'sha256' ? ['64 hex digits in lower case'] : [],
    summary: description,
    isRequired: false,
  }),
)

const all: readonly SchemaRow[] = schemaRows(configSchema).flatMap(row =>
  row.key === 'pools.NAME.agent' ? sources : [row],
)

const groups = {
  'whole file': (key: string) => !/^(agent-types|pools)\./.test(key),
  'agent types': (key: string) => key.startsWith('agent-types.'),
  pools: (key: string) => key.startsWith('pools.') && !key.startsWith('pools.NAME.bootstrap.'),
  bootstrap: (key: string) => key.startsWith('pools.NAME.bootstrap.'),
} as const

export type Group = keyof typeof groups

/** Keys that the tables hold, and everything that they lack: for a test. */
export const documented = all.map(row => ({ key: row.key, summary: summaryOf(row) }))

export function keysTable(group: Group): string {
  const heads = ['key', 'flag', 'variable', 'type', 'default', 'rule', 'says']
  const rows = all.filter(({ key }) => groups[group](key))
  const isFileOnly = rows.every(({ key }) => !own.has(key))
  const cells = rows.map(row => [
    code(row.key.replace(/^(pools|agent-types)\.NAME\./, '')),
    ...(isFileOnly ? [] : givenBy(row)),
    row.type,
    defaultOf(row),
    [...row.rules, ...jointOf(row)].join('; '),
    summaryOf(row),
  ])
  return markdownTable(
    isFileOnly ? heads.filter(head => head !== 'flag' && head !== 'variable') : heads,
    cells,
  )
}

function givenBy({ key }: SchemaRow): readonly string[] {
  if (key === 'agent-types.NAME.token') return [code('--token'), 'see below']
  if (key === 'pools.NAME.spec') return [code('--set KEY=VALUE'), code('AGENTCTL_SET')]
  const row = own.get(key)
  return row === undefined ? ['', ''] : [code(`--${flagOf(row)}`), code(variableOfKey(row))]
}

function defaultOf({ key, default: value, isRequired }: SchemaRow): string {
  if (computed[key] !== undefined) return computed[key]
  if (value === undefined)
    return isRequired === 'with it' ? 'required where the rest of it is given' : isRequired ? 'required' : ''
  return valueText(value)
}

function valueText(value: unknown): string {
  if (value === '') return ''
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}

const jointOf = ({ key }: SchemaRow) => jointRules.filter(joint => joint.key === key).map(({ rule }) => rule)

function summaryOf({ key, summary }: SchemaRow): string {
  return own.get(key)?.summary ?? summary ?? ''
}

const types = {
  string: 'text',
  boolean: 'true or false',
  seconds: 'whole number of seconds',
  list: 'list of texts',
}

/** All settings of the agent: those of a pool, and those that nobody sets. */
export function agentTable(): string {
  return markdownTable(
    ['key', 'flag', 'variable', 'type', 'default', 'since', 'rule', 'says'],
    agentSettings.map(row => [
      code(row.key),
      code(`--${row.key}`),
      row.key === 'config-file' ? '' : code(variableOf(row.key)),
      types[row.type],
      valueText(row.default),
      'since' in row ? row.since : '',
      'rule' in row ? row.rule : '',
      `${row.summary}${'refusal' in row ? `. **Not for a pool:** ${row.refusal}` : ''}`,
    ]),
  )
}

const choiceVariables: Readonly<Record<string, string>> = {
  pool: 'AGENTCTL_POOL',
  'agent-type': 'AGENTCTL_AGENT_TYPE',
  token: 'SEMAPHORE_AGENT_TOKEN',
  set: 'AGENTCTL_SET',
}

/** Flags and variables that are no keys of the file. */
export function choicesTable(): string {
  const isOwn = new Set(ownKeys.map(flagOf))
  const choices = Object.entries(settingsFlags).filter(([name]) => !isOwn.has(name))
  return markdownTable(
    ['flag', 'variable', 'says'],
    [
      ['`--config`', '`AGENTCTL_CONFIG`', 'Configuration file to use'],
      ...choices.map(([name, { summary }]) => [
        code(`--${name}`),
        code(choiceVariables[name] ?? ''),
        `${summary ?? ''}${name === 'token' ? '; the variable holds the token itself' : ''}`,
      ]),
      ...Object.entries(provisionFlags).flatMap(([name, { env, summary }]) =>
        env === undefined ? [] : [[code(`--${name}`), code(env), `${summary ?? ''} (\`provision\`)`]],
      ),
      ['', '`SEMAPHORE_API_TOKEN`', 'The API token itself, for the default of `api-token`'],
      ['', '`AGENTCTL_HOST`', 'Name of this host among those that share a coordinator; else the system’s'],
      ['', '`AGENTCTL_STATE_DIR`', 'Folder of the journal; else `agentctl` in `XDG_STATE_HOME`'],
    ],
  )
}
