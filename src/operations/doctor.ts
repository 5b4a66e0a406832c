import { runtimeVersion } from '../effects/process.ts'
import type { Context } from './context.ts'
import { type Check, looked, ok } from './doctor-check.ts'
import { checkCoordinator } from './doctor-coordinator.ts'
import { checkHub } from './doctor-hub.ts'
import { checkPoolOf } from './doctor-pool.ts'
import { noSuchPool } from './no-such-pool.ts'
import { journalFolder } from './session.ts'

export interface DoctorRequest {
  /** All of them when left out. */
  readonly pool: string | undefined
  /** Launch one real machine in each pool, and end it. */
  readonly isProbing: boolean
  /** Cuts the looks short; a probe that was launched is still ended. */
  readonly wake: AbortSignal
}

/** Looks at everything that a first launch needs. Reads only, but for the probe; what fails is a check, no throw. */
export async function doctor(context: Context, request: DoctorRequest): Promise<readonly Check[]> {
  const { settings } = context
  const pools = Object.values(settings.pools).filter(({ name }) => (request.pool ?? name) === name)
  if (pools.length === 0) throw noSuchPool(settings.pools, request.pool ?? '')
  const agentTypes = Object.values(settings.agentTypes)
    .filter(type => type.pools.some(name => pools.some(pool => pool.name === name)))
    .map(type => type.name)
  const reading = { ...context, signal: AbortSignal.any([context.signal, request.wake]) }
  const [hub, coordinator, ...checked] = await Promise.all([
    checkHub(reading, agentTypes),
    checkCoordinator(reading),
    ...pools.map(pool => checkPoolOf(context, reading, pool, request)),
  ])
  return [...versionChecks(context), await checkState(context), ...coordinator, ...hub, ...checked.flat()]
}

function versionChecks({ plugins, version }: Context): readonly Check[] {
  const providers = plugins.filter(({ name }) => /(provider|coordinator)-/.test(name))
  return [
    ok('agentctl', 'version', `${version} on Node.js ${runtimeVersion}`),
    ok(
      'agentctl',
      'plugins',
      providers.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none',
    ),
  ]
}

/** The journal must be writable before the first intent is. */
async function checkState(context: Context): Promise<Check> {
  const { effects } = context
  const folder = journalFolder(context)
  const { check } = await looked(
    'agentctl',
    'journal',
    async () => {
      using _journal = effects.openJournal(folder, effects.clock.now)
    },
    () => folder,
  )
  return check
}
