// A provider of the world's cloud, as much like EC2's as one can be without its SDK.
import {
  type Call,
  type Capabilities,
  contractError,
  type Instance,
  isContractError,
  type LaunchRequest,
  type Provider,
  type ProviderDeps,
  type ProviderModule,
  type Scope,
} from '@agentctl/contract'

const capabilities: Capabilities = {
  launchBatchMax: 100,
  idempotency: 'token',
  listing: 'strong',
  poweroff: 'deletes',
  platformTtl: false,
  spot: false,
  guests: ['process'],
  userDataBytesMax: 16_384,
  settleMs: 1_000,
  worstOrphanMs: 0,
  console: 'on-demand',
  sharesHost: false,
  listEveryMs: 5_000,
  rates: {
    launch: { burst: 5, perSecond: 2 },
    terminate: { burst: 100, perSecond: 5 },
    read: { burst: 100, perSecond: 20 },
    mark: { burst: 100, perSecond: 10 },
  },
}

interface Spec {
  readonly region: string
}

/** An instance as the world tells it. */
type Told = Pick<Instance, 'id' | 'state' | 'unitIndex' | 'createdAt' | 'ownership' | 'offeringId'> & {
  readonly region: string
}

const scopeOf = (region: string): Scope => ({ account: 'bench', region })

function instanceOf({ region, ...told }: Told): Instance {
  return { ...told, kind: 'instance', scope: scopeOf(region) } as Instance
}

async function open({ owner, settings }: ProviderDeps): Promise<Provider<Spec>> {
  const { endpoint } = settings as { readonly endpoint: string }

  async function ask<T>(path: string, { signal }: Call, body?: unknown): Promise<T> {
    const lost = body === undefined ? 'unavailable' : 'outcome-unknown'
    try {
      const request = body === undefined ? { signal } : { signal, method: 'POST', body: JSON.stringify(body) }
      const response = await fetch(`http://${endpoint}/cloud/${path}`, request)
      if (response.status === 429) {
        await response.text()
        throw contractError('rate-limited', `too many calls of ${path}`, { retryAfterMs: 1_000 })
      }
      if (!response.ok) throw contractError('conflict', `the world answered ${response.status} for ${path}`)
      return (await response.json()) as T
    } catch (cause) {
      if (isContractError(cause)) throw cause
      throw contractError(lost, `no answer from the world for ${path}`, { cause })
    }
  }

  async function launch(request: LaunchRequest, call: Call) {
    const { launchId, digest, pool, agentType, offering, units, userData, expiry } = request
    const told = await ask<readonly Told[]>('launch', call, {
      ...{ owner, launchId, digest, pool, agentType, units, region: offering.scope.region },
      expiresAt: 'at' in expiry ? expiry.at : Date.now() + expiry.afterMs,
      userData: Buffer.from(userData).toString('base64'),
    })
    return { instances: told.map(instanceOf) }
  }

  async function* list(scope: Scope, _filter: unknown, call: Call) {
    let after: number | undefined = -1
    while (after !== undefined) {
      const page: { machines: readonly Told[]; next?: number } = await ask(
        `list?region=${scope.region}&after=${after}`,
        call,
      )
      yield* page.machines.map(instanceOf)
      after = page.next
    }
  }

  return {
    capabilities,
    specSchema: { type: 'object' },
    parseSpec: raw => raw as Spec,
    scopes: specs => [...new Set(specs.map(({ region }) => region))].map(scopeOf),
    resolve: async ({ region }) => ({
      guest: 'process',
      offerings: [
        {
          id: `small/${region}/on-demand`,
          scope: scopeOf(region),
          type: 'small',
          zone: region,
          market: 'on-demand',
        },
      ],
      details: {},
    }),
    preflight: async () => [],
    launch,
    list,
    async terminate({ id, scope }, call) {
      const path = `terminate?region=${scope.region}&id=${id}`
      return (await ask<{ readonly was: 'accepted' | 'gone' }>(path, call)).was
    },
    async consoleTail({ id, scope }, call) {
      return (await ask<{ readonly text: string }>(`console?region=${scope.region}&id=${id}`, call)).text
    },
    close: async () => {},
  }
}

export default { contract: 1, name: 'bench', open } as ProviderModule
