import { Flags, type Interfaces } from '@oclif/core'
import { type AgentSetting, agentSettings } from '../agent/table.ts'

type FlagRecord = Record<
  string,
  Interfaces.BooleanFlag<boolean> | Interfaces.OptionFlag<string | undefined | string[]>
>

function agentFlag({ type, owner, summary, refusal }: AgentSetting) {
  const common = { summary, helpGroup: 'AGENT', ...(owner === 'agentctl' && { hidden: true }) }
  if (type === 'boolean') return Flags.boolean({ ...common, allowNo: refusal === undefined })
  // Not greedy: arguments may follow.
  if (type === 'list') {
    return Flags.string({ ...common, multiple: true, multipleNonGreedy: true, helpValue: 'ITEM' })
  }
  return Flags.string({ ...common, helpValue: type === 'seconds' ? 'SECONDS' : 'TEXT' })
}

/**
 * A flag for each of the agent's settings under the agent's own name, as text, for `loadSettings` to read. Those that
 * agentctl owns are hidden, and there to be refused with the reason. Endpoint, token and no-https are `settingsFlags`.
 */
export const agentFlags = Object.fromEntries(
  agentSettings.filter(row => row.owner !== 'settings').map(row => [row.key, agentFlag(row)]),
) as FlagRecord
