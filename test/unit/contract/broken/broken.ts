import type { Call, Instance, LaunchRequest, Provider, Resource } from '@agentctl/contract'
import { type Rule, sampleLaunchId } from '@agentctl/contract/testing'
import type { SimOptions } from '@agentctl/provider-sim'
/** A mistake that a provider could make, as a wrapper of one that does not. */
export interface Broken {
  readonly mistake: string
  /** The case that has to notice it: its rule, and words of its title. */
  readonly rule: Rule
  readonly title: string
  readonly sim?: SimOptions
  /** `opened` holds every provider of the target, this one included. */
  wrap(provider: Provider, opened: readonly Provider[]): Partial<Provider>
}

export async function collect(items: AsyncIterable<Resource>): Promise<Resource[]> {
  return Array.fromAsync(items)
}

/** The provider's list with every resource, or the whole of them, changed. */
export function relisted(provider: Provider, change: (all: Resource[]) => Resource[]): Partial<Provider> {
  return {
    async *list(scope, filter, call) {
      yield* change(await collect(provider.list(scope, filter, call)))
    },
  }
}

export function catching(
  provider: Provider,
  onError: (error: unknown, request: LaunchRequest, call: Call) => unknown,
) {
  return {
    launch: (request: LaunchRequest, call: Call) =>
      provider.launch(request, call).catch((error: unknown) => onError(error, request, call) as never),
  }
}

export const asInstances = (all: Resource[]) => all as Instance[]
let numbers = 0
/** A launch id that nobody has had. */
export function freshLaunchId(): string {
  numbers += 1
  return sampleLaunchId(String(numbers))
}
