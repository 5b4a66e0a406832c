import {
  type Call,
  type CallClass,
  hasCode,
  isContractError,
  type Provider,
  type Scope,
  scopeKey,
} from '@agentctl/contract'
import PQueue from 'p-queue'
import { type CallDeps, callMs, withCall } from './calls.ts'
import { type Bucket, drained, fullBucket, take } from './rates.ts'

/** Calls in flight at once, for one scope and class; what a cloud allows in a second is the bucket's concern. */
const inFlightMax = 16
/** A cloud that says "too fast" without saying for how long. */
const throttledMs = 5_000

export interface Admission {
  /** Runs one call when its class has a token in its scope. Deletes never wait behind launches. */
  admit<T>(provider: string, scope: Scope, callClass: CallClass, work: (call: Call) => Promise<T>): Promise<T>
}

/** One queue and one bucket for each scope and class, with the provider's declared rates. */
export function openAdmission(providers: ReadonlyMap<string, Provider>, deps: CallDeps): Admission {
  const lanes = new Map<string, { readonly queue: PQueue; bucket: Bucket }>()

  function laneOf(name: string, scope: Scope, callClass: CallClass) {
    const key = `${name}/${scopeKey(scope)}/${callClass}`
    const known = lanes.get(key)
    if (known) return known
    const rate = providers.get(name)?.capabilities.rates[callClass] ?? { burst: 1, perSecond: 1 }
    const lane = {
      queue: new PQueue({ concurrency: inFlightMax }),
      bucket: fullBucket(rate, deps.clock.now()),
    }
    lanes.set(key, lane)
    return lane
  }

  return {
    admit(name, scope, callClass, work) {
      const lane = laneOf(name, scope, callClass)
      return lane.queue.add(
        async () => {
          const { bucket, waitMs } = take(lane.bucket, deps.clock.now())
          lane.bucket = bucket
          if (waitMs > 0) await deps.clock.sleep(waitMs, deps.signal)
          try {
            return await withCall(deps, callMs[callClass], work)
          } catch (error) {
            if (hasCode(error, 'rate-limited')) {
              const retryAfterMs = isContractError(error) ? (error.retryAfterMs ?? throttledMs) : throttledMs
              lane.bucket = drained(lane.bucket, deps.clock.now(), retryAfterMs)
            }
            throw error
          }
        },
        { signal: deps.signal },
      )
    },
  }
}
