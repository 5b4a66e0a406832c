import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import { openCache } from './cache/open.ts'
import { tryCache } from './cache/try.ts'
import { type ComputeClient, openCompute } from './client.ts'
import type { Context } from './context.ts'
import { openCredentials } from './credentials.ts'
import { endpointOf } from './endpoint.ts'
import { gcpProvider } from './provider.ts'
import { rights } from './rights.ts'
import { readSecret, writeSecret } from './secrets.ts'
import { parseSettings } from './settings.ts'

/** Instances are machines of Compute Engine. The README says what that gives and what not. */
const gcp: ProviderModule = {
  contract: contractVersion,
  name: 'gcp',
  open: async deps => open(deps),
  rights,
  openCache: async deps => openCache(deps),
  tryCache,
  readSecret,
  writeSecret,
}
export default gcp

/** Sends nothing. @throws `invalid-spec` for an owner, settings or an environment that cannot be used */
function open({ owner, settings, clock, random, log, env }: ProviderDeps) {
  if (!namePattern.test(owner)) {
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  }
  const endpoint = endpointOf('compute', env)
  const credentials = openCredentials(env)
  const clients = new Map<string, ComputeClient>()
  const context: Context = {
    owner,
    settings: parseSettings(settings, env),
    clock,
    random,
    log,
    env,
    credentials,
    compute(project) {
      const known = clients.get(project)
      if (known) return known
      const made = openCompute({ endpoint, credentials, project, clock })
      clients.set(project, made)
      return made
    },
    deletes: new Map(),
    spotSeen: new Map(),
    reclaimed: new Map(),
  }
  return gcpProvider(context, async () => {
    await Promise.all([...clients.values()].map(client => client.close()))
  })
}
