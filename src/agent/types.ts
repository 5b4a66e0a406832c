import type { agentSettings } from './table.ts'

interface Values {
  string: string
  boolean: boolean
  seconds: number
  list: readonly string[]
}

type Row = (typeof agentSettings)[number]
type UserRow = Extract<Row, { owner: 'user' }>

export type AgentSettingKey = Row['key']
export type UserSettingKey = UserRow['key']
export type AgentValue = Values[keyof Values]

/** The agent's whole config.yml under the agent's own keys; what is left out has the agent's default. */
export type AgentConfig = { readonly [Each in Row as Each['key']]?: Values[Each['type']] }

/** The part of it that a person may set for a pool. */
export type AgentSettings = Pick<AgentConfig, UserSettingKey>
