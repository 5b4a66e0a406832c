import { type Coordinator, contractError } from '@agentctl/contract'
import { addressScheme } from '../config/coordinator.ts'
import type { CoordinatorAddress } from '../config/types.ts'
import { coordinatorFor, coordinatorsIn } from '../providers/coordinators.ts'
import type { Context } from './context.ts'
import { readSecretRef } from './open-hub.ts'

/** @throws `invalid-spec` where none is configured */
function configured({ settings }: Context): CoordinatorAddress {
  if (settings.coordinator) return settings.coordinator
  throw contractError('invalid-spec', 'No coordinator is configured: this host works alone', {
    hint: 'Set `coordinator: env:AGENTCTL_COORDINATOR_URL`, or give --coordinator. docs/many-hosts.md says when one is needed.',
  })
}

/**
 * Opens what this host shares with others, by the plugin for its address.
 * @throws `invalid-spec`, `unauthenticated` for an address that cannot be read, `provider-not-installed`,
 * `unsupported`, what the plugin throws
 */
export async function openCoordinator(context: Context): Promise<Coordinator> {
  const { settings, plugins, effects, version, log } = context
  const host = hostNameOf(effects)
  const said = configured(context)
  const address = said.kind === 'address' ? said.address : await readSecretRef(context, said.ref)
  const scheme = addressScheme(address)
  if (scheme === undefined) {
    const where = said.kind === 'reference' ? ` ${said.ref.text}` : ''
    throw contractError('invalid-spec', `What \`coordinator:\`${where} stands for is no address`, {
      hint: 'It is to be such as postgres://user:password@host/database, in one line.',
    })
  }
  const module = await effects.loadCoordinator(coordinatorFor(scheme, coordinatorsIn(plugins)))
  const { clock, random } = effects
  return module.open({ owner: settings.owner, address, host, version, clock, random, log })
}

/** By `AGENTCTL_HOST`, else the system. @throws `invalid-spec` */
export function hostNameOf({ env, hostName }: Context['effects']): string {
  const name = env.AGENTCTL_HOST || hostName
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return name
  throw contractError('invalid-spec', `${JSON.stringify(name)} is no name for a host`, {
    hint: 'Set AGENTCTL_HOST to letters, digits, dots, dashes and underscores, at most 100, different on each host.',
  })
}
