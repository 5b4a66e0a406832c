export { type AgentBasis, composeAgentConfig } from './compose.ts'
export { agentProperties } from './json-schema.ts'
export {
  isUserSetting,
  type ParsedSetting,
  parseAgentSettings,
  parseSetting,
  refusalMessage,
  refusalOf,
  type SettingForm,
  userSettings,
  variableOf,
} from './parse.ts'
export { renderConfigYml } from './render.ts'
export { type AgentSetting, agentSettings, type SettingOwner, type SettingType } from './table.ts'
export type { AgentConfig, AgentSettingKey, AgentSettings, AgentValue, UserSettingKey } from './types.ts'
export { type AgentLimits, isHost, validateAgentConfig, validateAgentSettings } from './validate.ts'
