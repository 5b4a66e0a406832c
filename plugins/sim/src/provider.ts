import {
  type Call,
  type Clock,
  contractError,
  type ListFilter,
  type Provider,
  type Resource,
  type ResourceRef,
  type Scope,
} from '@agentctl/contract'
import type { CloudApi, Page } from './api.ts'
import { toContractError } from './errors.ts'
import { createLaunch } from './launcher.ts'
import { isSimFault } from './sim-fault.ts'
import { parseSpec, resolveSpec, type SimSpec, scopeOf, specSchema } from './spec.ts'
import { toResource } from './statuses.ts'
import { marked } from './tags.ts'
import { createTokens } from './tokens.ts'
import { capabilitiesOf, type Traits } from './traits.ts'

/** One owner at one simulated cloud. */
export interface Seat {
  readonly api: CloudApi
  readonly traits: Traits
  readonly owner: string
  readonly clock: Clock
}

export function createProvider(seat: Seat): Provider<SimSpec> {
  const { api, traits, owner } = seat
  const ping = (scope: Scope, call: Call) => asked(`sim: read of ${scope.region}`, api.ping(scope, call))
  return {
    capabilities: capabilitiesOf(traits),
    specSchema,
    parseSpec,
    scopes: specs => [...new Map(specs.map(spec => [JSON.stringify(scopeOf(spec)), scopeOf(spec)])).values()],
    async resolve(spec, call) {
      await ping(scopeOf(spec), call)
      return resolveSpec(spec)
    },
    async preflight(spec, call) {
      await ping(scopeOf(spec), call)
      return [
        { level: 'ok', subject: 'sim', message: `the simulated cloud answers in ${spec.region}` },
        {
          level: 'unproven',
          subject: 'capacity',
          message: 'whether there is room shows when it is asked for',
        },
      ]
    },
    launch: createLaunch(seat),
    list: (scope, filter, call) => list(seat, scope, filter, call),
    terminate: (ref, call) => terminate(seat, ref, call),
    ...(traits.verbs.mark && {
      mark: (ref, change, call) =>
        asked(
          `sim: mark ${ref.id}`,
          api.retag(ref, owner, tags => marked(tags, change), call),
        ),
    }),
    ...(traits.verbs.guard && {
      guard: (ref, call) =>
        asked(`sim: guard ${ref.id}`, ofWhatIsThere(api.guard(ref, owner, call), undefined)),
    }),
    ...(traits.console !== 'none' && {
      consoleTail: (ref, call) =>
        asked(`sim: console of ${ref.id}`, ofWhatIsThere(api.console(ref, owner, call), '')),
    }),
    connect: ({ id }) => ({
      command: ['agentctl', 'instances', 'console', '--follow', id],
      note: 'A simulated machine has no shell; this is its console.',
    }),
    ...(traits.tokens && { tokens: createTokens(seat, traits.tokens.signMs) }),
    close: async () => {},
  } satisfies Provider<SimSpec>
}

/** What is gone needs no mark and no guard, and has no console. */
async function ofWhatIsThere<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  return answer.catch((error: unknown) => {
    if (isSimFault(error) && error.simCode === 'NotFound') return otherwise
    throw error
  })
}

/** Rule C2: what the cloud throws becomes a contract error. */
async function asked<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw toContractError(what, error)
  }
}

async function* list(
  { api, owner }: Seat,
  scope: Scope,
  filter: ListFilter,
  call: Call,
): AsyncGenerator<Resource> {
  let after: string | undefined = ''
  while (after !== undefined) {
    const page: Page = await asked(
      `sim: list of ${scope.region}`,
      api.list(scope, { ...filter, owner, after }, call),
    )
    for (const found of page.items) {
      const resource = toResource(found, owner, call.log)
      if (resource !== undefined) yield resource
    }
    if (page.isTorn) throw contractError('unavailable', `sim: list of ${scope.region}: a page broke off`)
    after = page.next
  }
}

/**
 * Rules T1 to T4. "Not found" and "ended" are not believed alone: `gone` is said when nothing is seen any more of the
 * resource and of what was made along with it; what is left of the latter is ended too.
 */
async function terminate({ api, owner }: Seat, ref: ResourceRef, call: Call): Promise<'accepted' | 'gone'> {
  const what = `sim: terminate ${ref.kind} ${ref.id}`
  const answer = await api.terminate(ref, owner, call).catch((error: unknown) => {
    if (isSimFault(error) && error.simCode === 'NotFound') return 'ended'
    throw toContractError(what, error)
  })
  if (answer === 'deleting') return 'accepted'
  const remains = await asked(what, api.remains(ref, owner, call))
  if (remains.length === 0) return 'gone'
  const auxiliary = remains.filter(({ id }) => id !== ref.id)
  await Promise.all(auxiliary.map(part => asked(what, api.terminate(part, owner, call))))
  return 'accepted'
}
