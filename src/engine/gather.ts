import { type Provider, type Resource, type ResourceKind, type Scope, scopeKey } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import { type Facts, type Known, known, type ScopeLook, unknown } from '../fleet/picture.ts'
import { readConsole } from '../presence/console.ts'
import type { Engine } from './deps.ts'

export interface Looking {
  /** What is listed, by provider. */
  readonly scopes: ReadonlyMap<string, readonly Scope[]>
  readonly kinds: readonly ResourceKind[]
  /** Agent types whose agents are asked for. */
  readonly agentTypes: readonly string[]
  /** Agent types whose queue is asked for. */
  readonly queues: readonly string[]
  /** Instances whose end is already known: their console has nothing new to say. */
  readonly toldEnd: ReadonlySet<string>
}

/** Looks at everything at once. What fails is unknown, with the reason, and never stops the rest. */
export async function gather(engine: Engine, looking: Looking): Promise<Facts> {
  const [looks, queues, agents] = await Promise.all([
    Promise.all(
      [...looking.scopes].flatMap(([name, scopes]) =>
        scopes.map(scope => look(engine, name, scope, looking.kinds)),
      ),
    ),
    byType(looking.queues, type => engine.hub.queue(type, engine.signal)),
    byType(engine.hub.agents ? looking.agentTypes : [], async type => {
      const seen = await engine.hub.agents?.(type, engine.signal)
      return seen ?? new Map<string, 'idle' | 'busy'>()
    }),
  ])
  return { looks, queues, agents, consoles: await consoles(engine, looks, looking.toldEnd) }
}

async function byType<T>(types: readonly string[], ask: (type: string) => Promise<T>) {
  const entries = types.map(async type => [type, await attempt(() => ask(type))] as const)
  return new Map<string, Known<T>>(await Promise.all(entries))
}

async function attempt<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await ask())
  } catch (error) {
    return unknown(messageOf(error))
  }
}

async function look(
  { providers, admission, clock, log }: Engine,
  name: string,
  scope: Scope,
  kinds: readonly ResourceKind[],
): Promise<ScopeLook> {
  const provider = providers.get(name)
  const askedAt = clock.now()
  const resources = provider
    ? await attempt(() =>
        admission.admit(name, scope, 'read', call =>
          Array.fromAsync<Resource>(provider.list(scope, { kinds }, call)),
        ),
      )
    : unknown(`provider ${name} is not open`)
  if (resources.state === 'unknown') log.warn('A list failed', { provider: name, why: resources.why })
  return { provider: name, scope: scopeKey(scope), askedAt, resources }
}

/** Every tick where it costs nothing, else once a machine has ended. */
async function consoles(engine: Engine, looks: readonly ScopeLook[], toldEnd: ReadonlySet<string>) {
  const wanted = looks.flatMap(({ provider: name, resources }) => {
    const provider = engine.providers.get(name)
    if (!provider?.consoleTail || resources.state !== 'known') return []
    return resources.value
      .filter(one => isWorthReading(provider, one, toldEnd))
      .map(one => ({ name, provider, one }))
  })
  const read = wanted.map(async ({ name, provider, one }) => {
    const tail = await attempt(() =>
      engine.admission.admit(
        name,
        one.scope,
        'read',
        async call => (await provider.consoleTail?.(one, call)) ?? '',
      ),
    )
    return tail.state === 'known'
      ? [[one.id, { report: readConsole(tail.value), tail: tail.value }] as const]
      : []
  })
  return new Map((await Promise.all(read)).flat())
}

function isWorthReading(
  { capabilities }: Provider,
  { kind, state, id }: Resource,
  toldEnd: ReadonlySet<string>,
) {
  if (kind !== 'instance' || toldEnd.has(id)) return false
  if (capabilities.console === 'live') return state !== 'pending'
  return capabilities.console === 'on-demand' && (state === 'stopped' || state === 'failed')
}
