import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import { openCache } from './cache/open.ts'
import { tryCache } from './cache/try.ts'
import { awsProvider } from './provider.ts'
import { rights } from './rights/rights.ts'
import { openClients } from './sdk.ts'
import { readSecret, writeSecret } from './secrets.ts'
import { parseSettings } from './settings.ts'

/** Instances are those of EC2. The README says what that gives and what not. */
const aws: ProviderModule = {
  contract: contractVersion,
  name: 'aws',
  open: async deps => open(deps),
  openCache: async deps => openCache(deps),
  tryCache,
  readSecret,
  writeSecret,
  rights,
}
export default aws

/** Sends nothing. @throws `invalid-spec` for an owner or settings that cannot be used */
function open(deps: ProviderDeps) {
  const { owner, clock, log, env } = deps
  if (!namePattern.test(owner)) {
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  }
  const settings = parseSettings(deps.settings, env)
  const clients = openClients(deps, settings)
  return awsProvider(
    { owner, settings, clock, log, env, clients, launchedAt: new Map(), endings: new Map() },
    deps,
  )
}
