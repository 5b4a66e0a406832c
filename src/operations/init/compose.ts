import type { JsonSchema } from '@agentctl/contract'
import { stringify } from 'yaml'
import type { Mapping } from '../../config/path.ts'

/** What a first configuration says. */
export interface FirstConfig {
  readonly owner: string
  readonly endpoint: string
  readonly noHttps: boolean
  /** A reference; left out, the line is there as a comment. */
  readonly apiToken?: string
  /** Left out, one pool without a name for its type is enough. */
  readonly agentType?: { readonly name: string; readonly token: string }
  readonly pool: string
  readonly provider: string
  /** Of the provider, in `providers:`. */
  readonly settings: Mapping
  readonly spec: Mapping
  readonly specSchema: JsonSchema
  /** Keys of the spec that have to be written and that nobody knows yet. */
  readonly missing: readonly string[]
  readonly agent: Mapping
}

/** The text of agentctl.yml, every key with why it is there. Pure. */
export function composeConfig(config: FirstConfig): string {
  const { owner, endpoint, noHttps, apiToken, agentType, pool, provider } = config
  const token =
    apiToken === undefined ? '# api-token: env:SEMAPHORE_API_TOKEN' : `api-token: ${written(apiToken)}`
  return lines([
    '# What agentctl does, and where. Made by `agentctl init`; `agentctl doctor` says what is still missing.',
    '# Every key: agentctl config schema. What holds, and where it comes from: agentctl config show --explain.',
    '',
    '# Stands on every machine that is made. Hosts with the same owner take over from each other; what has another',
    '# owner is never touched.',
    `owner: ${written(owner)}`,
    '',
    '# Host of the Semaphore organization.',
    `endpoint: ${written(endpoint)}`,
    ...(noHttps ? ['no-https: true'] : []),
    '',
    '# Of a service account: with it agentctl sees which agents are online, and ends a failed boot early.',
    token,
    ...(agentType ? agentTypeLines(agentType, pool) : []),
    '',
    'pools:',
    `  ${pool}:`,
    `    provider: ${written(provider)}`,
    '    capacity:',
    '      # Machines alive at once, at most.',
    '      max: 10',
    '    # Every machine ends by itself when one of these is over.',
    '    timeouts: { boot: 10m, agent: 5m, idle: 5m, job: 24h, total: 25h }',
    ...specLines(config),
    ...agentLines(config),
    ...settingsLines(config),
  ])
}

function agentTypeLines({ name, token }: NonNullable<FirstConfig['agentType']>, pool: string): string[] {
  return [
    '',
    'agent-types:',
    `  ${name}:`,
    '    # Where the registration token is read when it is needed; never the token itself.',
    `    token: ${written(token)}`,
    '    # job: a machine for each job. queue: machines take any job, and can be kept ready.',
    '    binding: job',
    `    pools: [${pool}]`,
  ]
}

function specLines({ provider, spec, specSchema, missing }: FirstConfig): string[] {
  const keys = Object.entries(spec).flatMap(([key, value]) => [
    ...described(specSchema, key, '      '),
    `      ${key}: ${written(value)}`,
  ])
  const unknown = missing.flatMap(key => [
    `      # Missing, and needed: ${key}.`,
    ...described(specSchema, key, '      '),
    `      # ${key}:`,
  ])
  return [
    `    # What else it may hold: agentctl providers show ${provider}.`,
    keys.length === 0 ? '    spec: {}' : '    spec:',
    ...keys,
    ...unknown,
  ]
}

function agentLines({ agent }: FirstConfig): string[] {
  const keys = Object.entries(agent).map(([key, value]) => `      ${key}: ${written(value)}`)
  return [
    ...(keys.length === 0
      ? ['    # agent: { binary: /path/of/the/agent }']
      : ['    # Which agent runs, and its own settings under their own names.', '    agent:']),
    ...keys,
  ]
}

function settingsLines({ provider, settings }: FirstConfig): string[] {
  const keys = Object.entries(settings).map(([key, value]) => `    ${key}: ${written(value)}`)
  return keys.length === 0 ? [] : ['', 'providers:', `  ${provider}:`, ...keys]
}

function described({ properties }: JsonSchema, key: string, indent: string): string[] {
  const found = (properties as Record<string, { description?: unknown }> | undefined)?.[key]?.description
  return typeof found === 'string' ? [`${indent}# ${found}`] : []
}

/** On one line, quoted where it has to be. */
function written(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trimEnd()
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
