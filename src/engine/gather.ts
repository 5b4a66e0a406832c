import {
  contractError,
  type Instance,
  isInstance,
  type Provider,
  type Resource,
  type ResourceKind,
  type Scope,
  scopeKey,
} from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import {
  type ConsoleSeen,
  type Facts,
  type Known,
  known,
  lookKey,
  type ScopeLook,
  unknown,
} from '../fleet/picture.ts'
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
  /** Longest wait for one list; what takes longer is unknown. Unit: milliseconds; left out, as long as calls may take. */
  readonly lookMs?: number
  /** Whether the hub is asked for the jobs of machines that wait for one which is not queued any more. */
  readonly jobs?: boolean
}

/** Answers whether an instance has not yet said why it ends, and whether nobody else has, where its word costs a call. */
export type IsAwaited = (instance: Instance, agents: Facts['agents'], isFree: boolean) => boolean

/** Looks at everything at once. What fails is unknown, with the reason, and never stops the rest. */
export async function gather(engine: Engine, looking: Looking, isAwaited: IsAwaited): Promise<Facts> {
  const [looks, queues, agents] = await Promise.all([
    Promise.all(
      [...looking.scopes].flatMap(([name, scopes]) =>
        scopes.map(scope => look(engine, name, scope, looking)),
      ),
    ),
    byType(looking.queues, type => engine.hub.queue(type, engine.signal)),
    byType(engine.hub.agents ? looking.agentTypes : [], async type => {
      const seen = await engine.hub.agents?.(type, engine.signal)
      return seen ?? new Map<string, 'idle' | 'busy'>()
    }),
  ])
  const isWorthAsking = (one: Instance, isFree: boolean) => isAwaited(one, agents, isFree)
  return { looks, queues, agents, consoles: await consoles(engine, looks, isWorthAsking), jobs: new Map() }
}

async function byType<T>(types: readonly string[], ask: (type: string) => Promise<T>) {
  const entries = types.map(async type => [type, await attempt(() => ask(type))] as const)
  return new Map<string, Known<T>>(await Promise.all(entries))
}

export async function attempt<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await ask())
  } catch (error) {
    return unknown(messageOf(error))
  }
}

function look(engine: Engine, name: string, scope: Scope, looking: Looking): Promise<ScopeLook> {
  const { looks, providers, clock } = engine
  const everyMs = providers.get(name)?.capabilities.listEveryMs ?? 0
  const wanted = { key: lookKey(name, scope), kinds: looking.kinds, everyMs, now: clock.now() }
  return looks.at(wanted, () => list(engine, name, scope, looking))
}

async function list(
  engine: Engine,
  name: string,
  scope: Scope,
  { kinds, lookMs }: Looking,
): Promise<ScopeLook> {
  const { providers, admission, clock, log } = engine
  const provider = providers.get(name)
  const askedAt = clock.now()
  const resources = provider
    ? await attempt(() =>
        within(engine, lookMs, () =>
          admission.admit(name, scope, 'read', call =>
            Array.fromAsync<Resource>(provider.list(scope, { kinds }, call)),
          ),
        ),
      )
    : unknown(`provider ${name} is not open`)
  if (resources.state === 'unknown') log.warn('A list failed', { provider: name, why: resources.why })
  return { provider: name, scope: scopeKey(scope), askedAt, resources }
}

/** A cloud that hangs holds up no other. */
async function within<T>({ clock }: Engine, limitMs: number | undefined, work: () => Promise<T>): Promise<T> {
  if (limitMs === undefined) return work()
  const over = new AbortController()
  const late = clock.sleep(limitMs, over.signal).then(() => {
    throw contractError('unavailable', `no list within ${limitMs / 1000} s`)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    over.abort('seen')
    late.catch(() => undefined)
  }
}

/** Every tick where it costs nothing, else once a machine has ended. */
async function consoles(
  engine: Engine,
  looks: readonly ScopeLook[],
  isWorthAsking: (instance: Instance, isFree: boolean) => boolean,
) {
  const wanted = looks.flatMap(({ provider: name, resources }) => {
    const provider = engine.providers.get(name)
    if (!provider?.consoleTail || resources.state !== 'known') return []
    const isFree = provider.capabilities.console === 'live'
    return resources.value
      .filter(isInstance)
      .filter(one => isWorthReading(provider, one) && isWorthAsking(one, isFree))
      .map(one => ({ name, provider, one }))
  })
  const read = wanted.map(async ({ name, provider, one }) => {
    const seen = await attempt(() =>
      engine.admission.admit(name, one.scope, 'read', call => readTail(provider, one, call)),
    )
    return [one.id, seen] as const
  })
  return new Map(await Promise.all(read))
}

async function readTail(
  provider: Provider,
  ...[ref, call]: Parameters<NonNullable<Provider['consoleTail']>>
): Promise<ConsoleSeen> {
  const tail = (await provider.consoleTail?.(ref, call)) ?? ''
  return { report: readConsole(tail), tail }
}

/** A console that costs a call is read when there is nothing more to come on it, or to know when to guard. */
function isWorthReading({ capabilities }: Provider, { state }: Instance): boolean {
  if (capabilities.console === 'live') return state !== 'pending'
  const isOver = state === 'stopped' || state === 'failed' || state === 'terminated'
  const isForGuard = capabilities.isGuardNeeded === true && state === 'running'
  return capabilities.console === 'on-demand' && (isOver || isForGuard)
}
