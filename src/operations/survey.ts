import { type Provider, type ResourceKind, type Scope, scopeKey } from '@agentctl/contract'
import type { Engine } from '../engine/deps.ts'
import { see } from '../engine/see.ts'
import type { Picture } from '../fleet/picture.ts'
import type { Journal } from '../journal/journal.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { openHub } from './open-hub.ts'
import { openProviders } from './open-providers.ts'
import { parsedSpec } from './policies.ts'
import { engineOn, journalFolder } from './session.ts'
import { surveyJournal } from './shared-records.ts'

/** A look at everything of the owner, from any host; no token of an agent type is needed. */
export interface Survey extends AsyncDisposable {
  readonly engine: Engine
  readonly scopes: ReadonlyMap<string, readonly Scope[]>
  look(kinds?: readonly ResourceKind[]): Promise<Look>
}

export interface Look {
  readonly picture: Picture
  /** Scopes that could not be listed, each with the reason; what is in them is unknown. */
  readonly unknown: readonly string[]
}

/** Opens the providers of the configured pools, and of scopes that were used before. */
export async function openSurvey(context: Context): Promise<Survey> {
  await using stack = new AsyncDisposableStack()
  const folder = journalFolder(context)
  const journal = stack.use(await surveyJournal(context))
  const installed = new Set(providersIn(context.plugins).map(entry => entry.provider))
  const used = journal.usedScopes().map(one => one.provider)
  const configured = Object.values(context.settings.pools).map(pool => pool.provider)
  const names = [...configured, ...used.filter(name => installed.has(name))]
  const providers = stack.use(await openProviders(context, names))
  const hub = await openHub(
    context,
    new Map(Object.keys(context.settings.agentTypes).map(type => [type, ''])),
  )
  const engine = engineOn(context, {
    folder,
    journal,
    providers,
    hub,
    userDataFor: async () => new Uint8Array(),
  })
  const scopes = scopesToSweep(context, journal, providers)
  const owned = stack.move()
  return {
    engine,
    scopes,
    look: kinds => lookAt(context, engine, scopes, kinds ?? ['instance']),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function scopesToSweep(
  { settings, locate }: Context,
  journal: Journal,
  providers: ReadonlyMap<string, Provider>,
): ReadonlyMap<string, readonly Scope[]> {
  const pools = Object.values(settings.pools)
  return new Map(
    [...providers].map(([name, provider]) => {
      const specs = pools
        .filter(pool => pool.provider === name)
        .map(pool => parsedSpec({ locate }, pool, provider))
      const used = journal.usedScopes().filter(one => one.provider === name)
      const all = [...provider.scopes(specs), ...used.map(one => one.scope)]
      return [name, [...new Map(all.map(scope => [scopeKey(scope), scope])).values()]]
    }),
  )
}

async function lookAt(
  { settings }: Context,
  engine: Engine,
  scopes: ReadonlyMap<string, readonly Scope[]>,
  kinds: readonly ResourceKind[],
): Promise<Look> {
  const agentTypes = Object.keys(settings.agentTypes)
  const { facts, picture } = await see(engine, { scopes, kinds, agentTypes, queues: [] }, () => [])
  const unknown = facts.looks.flatMap(({ provider, scope, resources }) =>
    resources.state === 'unknown' ? [`${provider} ${scope}: ${resources.why}`] : [],
  )
  return { picture, unknown }
}
