import type { Unit } from '@agentctl/contract'
import { type AgentBasis, composeAgentConfig, renderConfigYml } from '../../agent/index.ts'
import { commandLine, quoted } from '../shell.ts'
import { supervisor } from './supervisor.ts'

export interface ProcessBootstrap {
  /** The same for every unit; names, job ids and the hook are added by each guest. */
  readonly basis: Omit<AgentBasis, 'name' | 'jobId' | 'shutdownHookPath'>
  readonly units: readonly Unit[]
  /** Command that takes `start --config-file FILE`; paths of the guest. */
  readonly agentCommand: readonly string[]
  /** From the supervisor's start to the agent's registration. Unit: milliseconds. */
  readonly agentTimeoutMs: number
  /** The user's own hook, a path in the guest. */
  readonly shutdownHook?: string
  /** Keeps a machine whose job or agent failed for so long. Unit: milliseconds. */
  readonly holdMs?: number
}

/** The user's own shutdown hook may take so long, and no longer than a registration; the agent would wait for ever. */
const hookMostMs = 60_000

const encoder = new TextEncoder()

/**
 * User data of a `process` guest: a script for bash that supervises one agent. Each guest picks its unit by
 * AGENTCTL_UNIT_INDEX. The registration token is in it, in a shell variable that is not exported.
 */
export function processUserData(bootstrap: ProcessBootstrap): Uint8Array {
  const { basis, units, agentCommand, agentTimeoutMs, shutdownHook, holdMs = 0 } = bootstrap
  const table = units.map(({ index, name, jobId }) => {
    const own = renderConfigYml({ name, ...(jobId !== undefined && { 'job-id': jobId }) })
    return `  ${index}) own=${quoted(own)} ;;`
  })
  const lines = [
    '#!/usr/bin/env bash',
    `common=${quoted(renderConfigYml(composeAgentConfig(basis)))}`,
    'case "$AGENTCTL_UNIT_INDEX" in',
    ...table,
    'esac',
    `agent_seconds=${Math.ceil(agentTimeoutMs / 1000)}`,
    `hook_seconds=${Math.ceil(Math.min(agentTimeoutMs, hookMostMs) / 1000)}`,
    `user_hook=${quoted(shutdownHook ?? '')}`,
    `hold_seconds=${Math.ceil(holdMs / 1000)}`,
    `agent=(${commandLine(agentCommand)})`,
    supervisor,
  ]
  return encoder.encode(`${lines.join('\n')}\n`)
}
