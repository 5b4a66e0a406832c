import type { Problem } from '@agentctl/contract'
import { didYouMean } from '../errors/index.ts'
import { parseCsv } from './csv.ts'
import { type AgentSetting, agentSettings, type SettingType } from './table.ts'
import type { AgentSettingKey, AgentSettings, AgentValue, UserSettingKey } from './types.ts'

/** How a value came: from the command line, an environment variable, or the configuration file. */
export type SettingForm = 'flag' | 'variable' | 'yaml'

export type ParsedSetting = { readonly value: AgentValue } | { readonly problem: string }

/** The rows that a person may set for a pool. */
export const userSettings = agentSettings.filter(row => row.owner === 'user')

const rows: ReadonlyMap<string, AgentSetting> = new Map(agentSettings.map(row => [row.key, row]))

export function isUserSetting(key: string): key is UserSettingKey {
  return rows.get(key)?.owner === 'user'
}

/** The agent's own name for it, such as `SEMAPHORE_AGENT_ENV_VARS` (viper's AutomaticEnv, agent main.go, v2.2.15). */
export function variableOf(key: string): string {
  return `SEMAPHORE_AGENT_${key.toUpperCase().replaceAll('-', '_')}`
}

/** Why nobody may set `key` for a pool; undefined when a person may, or when the agent has no such setting. */
export function refusalOf(key: string): string | undefined {
  return rows.get(key)?.refusal
}

/** A value as the agent would read it in this form. Messages never repeat the value, which may be a secret. */
export function parseSetting(key: AgentSettingKey, raw: unknown, form: SettingForm): ParsedSetting {
  const type = rows.get(key)?.type ?? 'string'
  return readers[type](raw, form)
}

const readers: Readonly<Record<SettingType, (raw: unknown, form: SettingForm) => ParsedSetting>> = {
  string: raw =>
    typeof raw === 'string' ? { value: raw } : { problem: `must be a text, not ${kindOf(raw)}` },
  boolean: parseBoolean,
  seconds: parseSeconds,
  list: parseList,
}

/** Go's strconv.ParseBool. */
const booleans: ReadonlyMap<unknown, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(word => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(word => [word, false] as const),
])

function parseBoolean(raw: unknown, form: SettingForm): ParsedSetting {
  if (typeof raw === 'boolean') return { value: raw }
  const value = form === 'yaml' ? undefined : booleans.get(raw)
  return value === undefined ? { problem: 'must be true or false' } : { value }
}

/** The agent keeps seconds in a Go int and the hub in a 32-bit column. */
const secondsMax = 2 ** 31 - 1

function parseSeconds(raw: unknown, form: SettingForm): ParsedSetting {
  const isWritten = form !== 'yaml' && typeof raw === 'string' && /^-?(0|[1-9]\d*)$/.test(raw)
  const value = isWritten ? Number(raw) : raw
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return { problem: 'must be a whole number of seconds without a unit, such as 300' }
  }
  return value > secondsMax
    ? { problem: `must be at most ${secondsMax} seconds` }
    : { value: value === 0 ? 0 : value }
}

/** Flags are CSV and may be repeated, variables are split on whitespace, and YAML has its own lists. */
function parseList(raw: unknown, form: SettingForm): ParsedSetting {
  if (form === 'variable' && typeof raw === 'string')
    return { value: raw.split(/\s+/).filter(item => item !== '') }
  if (form === 'flag') return parseListFlag(typeof raw === 'string' ? [raw] : raw)
  if (Array.isArray(raw) && raw.every(item => typeof item === 'string')) return { value: raw }
  return { problem: 'must be a list of texts, such as [A=1, B=2]' }
}

function parseListFlag(raw: unknown): ParsedSetting {
  if (!Array.isArray(raw)) return { problem: 'must be items with commas between them' }
  const lists = raw.map(text => parseCsv(String(text)))
  if (!lists.every(list => list !== undefined)) {
    return {
      problem: 'is not valid CSV: quote a whole item that holds a quote or a comma, and double its quotes',
    }
  }
  return { value: lists.flat() }
}

/**
 * The settings that a pool's `agent:` gives, and everything that is wrong with their form.
 * What they say is checked by `validateAgentSettings`.
 */
export function parseAgentSettings(raw: Readonly<Record<string, unknown>>): {
  readonly settings: AgentSettings
  readonly problems: readonly Problem[]
} {
  const settings: Partial<Record<UserSettingKey, AgentValue>> = {}
  const problems: Problem[] = []
  for (const [key, value] of Object.entries(raw)) {
    if (!isUserSetting(key)) {
      problems.push({ path: key, message: refusalMessage(key) })
      continue
    }
    const parsed = parseSetting(key, value, 'yaml')
    if ('problem' in parsed) problems.push({ path: key, message: parsed.problem })
    else settings[key] = parsed.value
  }
  return { settings: settings as AgentSettings, problems }
}

/** Why `key` is no setting of a pool's agent. */
export function refusalMessage(key: string): string {
  const refusal = refusalOf(key)
  if (refusal !== undefined) return `cannot be set here: ${refusal}`
  return `is not a setting of the agent${didYouMean(
    key,
    userSettings.map(row => row.key),
  )}`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return value instanceof Object ? 'a mapping' : `a ${typeof value}`
}
