export { type AgentBasis, composeAgentConfig } from './compose.ts'
export { agentProperties } from './json-schema.ts'
export {
  isUserSetting,
  parseAgentSettings,
  parseSetting,
  refusalMessage,
  type SettingForm,
  userSettings,
  variableOf,
} from './parse.ts'
export { renderConfigYml } from './render.ts'
export { agentSettings } from './table.ts'
export type { AgentConfig, AgentSettingKey } from './types.ts'
export { isHost, validateAgentConfig, validateAgentSettings } from './validate.ts'
