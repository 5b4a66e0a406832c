import type { AgentConfig, AgentSettings } from './types.ts'

/** What one agent's config.yml is made of. */
export interface AgentBasis {
  readonly endpoint: string
  readonly noHttps: boolean
  /** The registration token, or what stands for it where the file is only shown. */
  readonly token: string
  /** 8 to 80 characters of `[A-Za-z0-9-_/+]`. */
  readonly name?: string
  /** UUID of the only job that this agent takes. */
  readonly jobId?: string
  /** In the guest. */
  readonly shutdownHookPath?: string
  /** The pool's `timeouts.idle`, which a `disconnect-after-idle-timeout` of the pool's agent overrides. */
  readonly idleMs: number
  readonly agent: AgentSettings
}

/** The agent's settings with those that agentctl owns; one machine runs one job, so it always disconnects after it. */
export function composeAgentConfig(basis: AgentBasis): AgentConfig {
  const { endpoint, noHttps, token, name, jobId, shutdownHookPath } = basis
  return {
    // Ends the agent of a machine whose job was cancelled or taken.
    'disconnect-after-idle-timeout': Math.ceil(basis.idleMs / 1000),
    ...basis.agent,
    endpoint,
    token,
    'disconnect-after-job': true,
    ...(noHttps && { 'no-https': true }),
    ...(name !== undefined && { name }),
    ...(jobId !== undefined && { 'job-id': jobId }),
    ...(shutdownHookPath !== undefined && { 'shutdown-hook-path': shutdownHookPath }),
  }
}
