import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import { type Arm, openArm } from './arm.ts'
import type { Context } from './context.ts'
import { openCredential } from './credentials.ts'
import { createPace } from './pace.ts'
import { createLeftovers } from './parts.ts'
import { azureProvider } from './provider.ts'
import { rights } from './rights.ts'
import { readSecret, writeSecret } from './secret.ts'
import { parseSettings } from './settings.ts'

/** Instances are Azure virtual machines. The README says what that gives and what not. */
const azure: ProviderModule = {
  contract: contractVersion,
  name: 'azure',
  open: async deps => open(deps),
  rights,
  readSecret,
  writeSecret,
}
export default azure

/** Sends nothing. @throws `invalid-spec` for an owner, settings or an environment that cannot be used */
function open({ owner, settings: raw, clock, log, env }: ProviderDeps) {
  if (!namePattern.test(owner)) {
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  }
  const settings = parseSettings(raw, env)
  const pace = createPace(clock)
  const arms = new Map<string, Promise<Arm>>()
  const closing = new AbortController()
  let credential: ReturnType<typeof openCredential> | undefined

  async function openFor(subscription: string): Promise<Arm> {
    credential ??= openCredential(settings, env)
    return openArm({ settings, subscription, credential: await credential, pace })
  }
  const context: Context = {
    owner,
    settings,
    clock,
    log,
    env,
    pace,
    arm(subscription) {
      const known = arms.get(subscription)
      if (known) return known
      const opening = openFor(subscription).catch(error => {
        credential = undefined
        arms.delete(subscription)
        throw error
      })
      arms.set(subscription, opening)
      return opening
    },
    leftovers: createLeftovers(owner, closing.signal),
    stockOuts: new Map(),
    spotSeen: new Map(),
    reclaimed: new Map(),
    deletes: new Map(),
  }
  return azureProvider(context, async () => closing.abort())
}
