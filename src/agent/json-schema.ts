import { userSettings } from './parse.ts'
import type { SettingType } from './table.ts'

const types: Readonly<Record<SettingType, object>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  seconds: { type: 'integer', minimum: 0 },
  list: { type: 'array', items: { type: 'string' } },
}

/** JSON Schema of the agent's settings by key, for an editor; the rules beyond types are `validateAgentSettings`'s. */
export const agentProperties: Readonly<Record<string, object>> = Object.fromEntries(
  userSettings.map(row => [row.key, { ...types[row.type], description: row.summary }]),
)
