import {
  contractError,
  contractVersion,
  namePattern,
  type ProviderDeps,
  type ProviderModule,
} from '@agentctl/contract'
import { accelChooser } from './accel.ts'
import type { Context } from './context.ts'
import { hostName, isLinux } from './effects.ts'
import { ownerPaths } from './paths.ts'
import { qemuProvider } from './provider.ts'
import { cleanEnvironment, parseSettings, stateRoot } from './settings.ts'
import { startGuestHost } from './start.ts'

/** Instances are virtual machines on this host. The README says what that gives and what not. */
const qemu: ProviderModule = {
  contract: contractVersion,
  name: 'qemu',
  open: async deps => qemuProvider(contextOf(deps)),
}
export default qemu

/** @throws `invalid-spec` for an owner, settings or an environment that cannot be used; `unsupported` off Linux */
function contextOf({ owner, settings, clock, random, log, env }: ProviderDeps): Context {
  if (!isLinux) throw contractError('unsupported', 'The provider qemu runs on Linux alone')
  if (!namePattern.test(owner))
    throw contractError('invalid-spec', `The owner ${owner} is no name such as acme-ci`)
  const root = stateRoot(env)
  const environment = cleanEnvironment(env)
  const { acceleration } = parseSettings(settings)
  return {
    root,
    owner,
    paths: ownerPaths(root, owner),
    scope: { account: hostName(), region: 'local' },
    clock,
    random,
    log,
    environment,
    accelFor: accelChooser({ root, path: environment.PATH ?? '', acceleration, log }),
    start: (unit, id) => startGuestHost(unit, id, environment),
  }
}
