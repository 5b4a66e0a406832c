/** Paths in the guest that more than one script knows. `/run` is memory: nothing under it outlives a boot. */
export const places = {
  run: '/run/agentctl',
  /** Root's alone. */
  own: '/run/agentctl/private',
  shutdownHook: '/run/agentctl/shutdown-hook',
  postJobHook: '/run/agentctl/post-job-hook',
  unit: '/run/systemd/system/agentctl-agent.service',
  /** What was downloaded. */
  installed: '/opt/agentctl',
} as const

/** Whole seconds, rounded up. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000)
}
