/** A one-job agent that comes back, clean, after each job, with no agentctl at work. */
export interface Respawn {
  /** config.yml of the agent, a path on the host; it holds the token, so it is root's alone. */
  readonly configFile: string
  /** The agent, in the container or on the host. */
  readonly agentPath: string
  /** Whom the agent, and with it the job, runs as. */
  readonly user: string
  /** Time that a running job gets after SIGTERM. Unit: seconds. */
  readonly graceSeconds: number
}

export interface ContainerRespawn extends Respawn {
  readonly image: string
  /** Agents side by side; a unit template has one for each instance instead. */
  readonly replicas: number
}

/** Where a container finds the agent's settings. */
export const containerSecret = '/run/secrets/agent-config'

/** What root needs to hand over to the agent's user; the agent itself keeps none of them. */
export const capabilities: readonly string[] = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID']
