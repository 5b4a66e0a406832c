import type { Coordinator, Provider, Resource } from '@agentctl/contract'
import { type AdjustedClock, adjustedClock } from '../../coordination/adjusted-clock.ts'
import type { Mirror } from '../../coordination/mirror.ts'
import { tenureLock } from '../../coordination/tenure-lock.ts'
import { openAdmission } from '../../engine/admission.ts'
import { coalesced, lookingPast, openLooks } from '../../engine/looks.ts'
import type { Context, Shared } from '../context.ts'
import { openProviders } from '../open-providers.ts'

/** What one work's list shows counts for the other works of the host for so long. Unit: milliseconds. */
const lookMs = 1_000

/** What all works of a host stand on: one client for each cloud, one list for each scope, one clock. */
export interface Ground extends AsyncDisposable {
  /** By the coordinator's time. */
  readonly context: Context
  adjust: AdjustedClock['adjust']
  trust: AdjustedClock['trust']
  /** A context in which one work's operations go on, on the mirror that stands for its journal. */
  contextFor(part: Part): Context
}

export interface Part {
  readonly mirror: Mirror
  readonly isOurs: (resource: Resource) => boolean
  readonly maxAlive: Shared['maxAlive']
  readonly settings: Context['settings']
}

/** Opens each provider that a pool or a used scope names when the first work asks for it. */
export function openGround(host: Context, coordinator: Coordinator): Ground {
  const clock = adjustedClock(host.effects.clock)
  const context = { ...host, effects: { ...host.effects, clock } }
  const opened = new Map<string, Promise<ReadonlyMap<string, Provider> & AsyncDisposable>>()
  const providers = new Map<string, Provider>()
  const { log, signal, onCall } = context
  const admission = openAdmission(providers, { clock, log, signal, onCall, shared: coordinator })
  const looks = coalesced(openLooks(), lookMs)

  async function providerNamed(name: string): Promise<Provider> {
    const opening = opened.get(name) ?? openProviders(context, [name])
    opened.set(name, opening)
    try {
      const provider = (await opening).get(name) as Provider
      providers.set(name, provider)
      // It is closed with the host, not with the work that asked for it.
      return { ...provider, close: async () => undefined }
    } catch (error) {
      opened.delete(name)
      throw error
    }
  }

  return {
    context,
    adjust: clock.adjust,
    trust: clock.trust,
    contextFor: ({ mirror, isOurs, maxAlive, settings }) => ({
      ...context,
      settings,
      shared: { admission, looks: lookingPast(looks, isOurs), maxAlive },
      effects: {
        ...context.effects,
        loadProvider: async entry => ({
          ...(await context.effects.loadProvider(entry)),
          open: () => providerNamed(entry.provider),
        }),
        openJournal: () => ({ ...mirror, [Symbol.dispose]: () => undefined }),
        openLock: () => tenureLock(mirror.flush),
      },
    }),
    async [Symbol.asyncDispose]() {
      const all = await Promise.allSettled(opened.values())
      for (const one of all) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]()
    },
  }
}
