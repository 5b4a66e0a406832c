import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import type { Context } from './context.ts'
import { hostName } from './effects.ts'
import { ownerPaths } from './paths.ts'
import { localProvider } from './provider.ts'
import { cleanEnvironment, parseSettings, stateRoot } from './settings.ts'
import { startGuestHost } from './start.ts'

/** Instances are process trees on this machine. The README says what that gives and what not. */
const local: ProviderModule = {
  contract: contractVersion,
  name: 'local',
  open: async deps => localProvider(contextOf(deps)),
}
export default local

/** @throws `invalid-spec` for an owner, settings or an environment that cannot be used */
function contextOf({ owner, settings, clock, random, log, env }: ProviderDeps): Context {
  if (!namePattern.test(owner))
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  const root = stateRoot(env)
  const environment = cleanEnvironment(env)
  return {
    root,
    owner,
    paths: ownerPaths(root, owner),
    scope: { account: hostName(), region: 'local' },
    clock,
    random,
    log,
    isolation: parseSettings(settings).isolation,
    environment,
    start: (unit, id) => startGuestHost(unit, id, environment),
  }
}
