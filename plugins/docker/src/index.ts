import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import { connectionOf, scopeOf } from './connection.ts'
import type { Context } from './context.ts'
import { hostName } from './effects.ts'
import { engineAt } from './engine.ts'
import { dockerProvider } from './provider.ts'
import { parseSettings } from './settings.ts'

/** Instances are containers on a Docker engine. The README says what that gives and what not. */
const docker: ProviderModule = {
  contract: contractVersion,
  name: 'docker',
  open: async deps => dockerProvider(contextOf(deps)),
}
export default docker

/** Opens no connection. @throws `invalid-spec` for an owner, settings or an environment that cannot be used */
function contextOf({ owner, settings, clock, log, env }: ProviderDeps): Context {
  if (!namePattern.test(owner))
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  const connection = connectionOf(env, parseSettings(settings))
  return {
    owner,
    connection,
    scope: scopeOf(connection, hostName()),
    clock,
    log,
    env,
    engine: engineAt(connection),
    closing: new AbortController(),
    stops: new Map(),
  }
}
