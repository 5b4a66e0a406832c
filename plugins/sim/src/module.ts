import { join } from 'node:path'
import { contractError, type ProviderDeps, type ProviderModule } from '@agentctl/contract'
import { z } from 'zod'
import { createCloud } from './cloud.ts'
import { createProvider } from './provider.ts'
import { openStore } from './store.ts'

const settingsSchema = z.strictObject({
  stateFile: z.string().min(1).optional().describe('Where the simulated machines are kept between commands.'),
})

/** `--provider sim`: one simulated cloud per state file, whose machines live by the clock on the wall. */
const sim: ProviderModule = {
  contract: 1,
  name: 'sim',
  async open(deps) {
    const { clock, owner } = deps
    const store = openStore(stateFileOf(deps), clock)
    const cloud = createCloud({
      clock,
      // Several processes share one cloud: chance is not replayed here.
      seed: String(deps.random.next()),
      knobs: { latencyMs: [0, 0], bootMs: [1000, 3000], haltMs: [200, 500], deleteMs: [500, 1500] },
      transact: (change, world) =>
        store.locked(() => {
          world.state = store.read()
          try {
            return change()
          } finally {
            store.write(world.state)
          }
        }),
    })
    return createProvider({ api: cloud.connect(), traits: cloud.traits, owner, clock })
  },
}
export default sim

function stateFileOf({ settings, env }: ProviderDeps): string {
  const parsed = settingsSchema.safeParse(settings ?? {})
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      path: ['providers.sim', ...path.map(String)].join('.'),
      message,
    }))
    throw contractError('invalid-spec', 'the settings of provider sim are not valid', { problems })
  }
  const { AGENTCTL_SIM_STATE, XDG_STATE_HOME, HOME } = env
  const named = parsed.data.stateFile ?? AGENTCTL_SIM_STATE
  if (named !== undefined) return named
  const stateHome = XDG_STATE_HOME ?? (HOME === undefined ? undefined : join(HOME, '.local', 'state'))
  if (stateHome !== undefined) return join(stateHome, 'agentctl', 'sim', 'cloud.json')
  const problems = [{ path: 'providers.sim.stateFile', message: 'is needed where HOME is not set' }]
  throw contractError('invalid-spec', 'provider sim has no place for its state file', { problems })
}
