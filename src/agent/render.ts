import { agentSettings } from './table.ts'
import type { AgentConfig, AgentValue } from './types.ts'

/**
 * The agent's config.yml: keys in the table's order, so that equal settings are equal bytes, and the token among them.
 * Texts are double-quoted, which YAML reads as JSON does; the agent refuses keys that it does not know.
 */
export function renderConfigYml(config: AgentConfig): string {
  return agentSettings.map(({ key }) => renderEntry(key, config[key])).join('')
}

function renderEntry(key: string, value: AgentValue | undefined): string {
  if (value === undefined) return ''
  if (typeof value !== 'object') return `${key}: ${scalar(value)}\n`
  if (value.length === 0) return `${key}: []\n`
  return `${key}:\n${value.map(item => `  - ${scalar(item)}\n`).join('')}`
}

/** Go's YAML reader refuses these unless they are escaped; JSON leaves them as they are. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function scalar(value: string | number | boolean): string {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replaceAll(unprintable, escaped)
}
