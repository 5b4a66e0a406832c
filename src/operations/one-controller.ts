import { contractError } from '@agentctl/contract'
import type { Context } from './context.ts'

/**
 * Hosts that share a coordinator have its records alone: who launches by the journal of this host would launch for the
 * same jobs again. @throws `invalid-spec` where a coordinator is configured
 */
export function refuseBesideCoordinator({ settings }: Context, command: string): void {
  if (!settings.coordinator) return
  throw contractError(
    'invalid-spec',
    `A coordinator is configured, and ${command} would be one more controller beside its hosts: jobs would get two machines`,
    {
      hint: 'Run agentctl capacity serve on any number of hosts, or name a configuration without `coordinator:` and with another `owner:`.',
    },
  )
}
