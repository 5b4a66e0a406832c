import { contractError } from '@agentctl/contract'
import { type AgentConfig, composeAgentConfig, renderConfigYml } from '../agent/index.ts'
import { type Loaded, type LoadInput, loadSettings, type Pool } from '../config/index.ts'
import { redact } from '../errors/index.ts'

export interface ShownAgentConfig {
  readonly pool: string
  readonly agentType: string
  readonly config: AgentConfig
  /** config.yml as text. */
  readonly text: string
}

/**
 * What an agent of the pool reads, with the token's reference in place of the token. `name`, `job-id` and
 * `shutdown-hook-path` are left out: they are made for each machine.
 */
export async function showAgentConfig(input: LoadInput): Promise<ShownAgentConfig> {
  const loaded = await loadSettings(input)
  const { settings } = loaded
  const pool = poolOf(loaded)
  const type = typeOf(loaded, pool.name)
  const config = composeAgentConfig({
    endpoint: settings.endpoint,
    noHttps: settings.noHttps,
    token: type.token.text,
    idleMs: pool.timeouts.idleMs,
    agent: withReferences(hideSecrets(pool.agent), pool.secretEnvVars),
  })
  return { pool: pool.name, agentType: type.name, config, text: renderConfigYml(config) }
}

function poolOf({ settings, selected }: Loaded) {
  const pools = Object.values(settings.pools)
  const found = selected.pool === undefined ? pools : pools.filter(pool => pool.name === selected.pool)
  const [pool, ...others] = found
  if (pool !== undefined && others.length === 0) return pool
  throw contractError(
    'invalid-spec',
    `There are ${pools.length} pools: ${pools.map(({ name }) => name).join(', ')}`,
    {
      hint: 'say with --pool which one is meant',
    },
  )
}

/** The type that was named, else the first that uses the pool. */
function typeOf({ settings, selected }: Loaded, pool: string) {
  const types = Object.values(settings.agentTypes).filter(({ pools }) => pools.includes(pool))
  const type = types.find(({ name }) => name === selected.agentType) ?? types[0]
  if (type !== undefined && (selected.agentType ?? type.name) === type.name) return type
  throw contractError('invalid-spec', `The agent type ${selected.agentType} does not use the pool ${pool}`, {
    hint: `agent types that use it: ${types.map(({ name }) => name).join(', ')}`,
  })
}

/** As everywhere here, the reference stands for the secret; a `=` in it would be no variable of the agent's. */
function withReferences(agent: AgentConfig, secrets: Pool['secretEnvVars']): AgentConfig {
  const variables = Object.entries(secrets).map(([name, { text }]) => `${name}=${text.replaceAll('=', '_')}`)
  return variables.length === 0
    ? agent
    : { ...agent, 'env-vars': [...(agent['env-vars'] ?? []), ...variables] }
}

function hideSecrets(agent: AgentConfig): AgentConfig {
  const vars = agent['env-vars']
  return vars === undefined ? agent : { ...agent, 'env-vars': vars.map(item => redact(item)) }
}
