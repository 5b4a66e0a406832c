import {
  type Call,
  type CallClass,
  contractError,
  hasCode,
  isContractError,
  type Provider,
  type Rate,
  type Scope,
  scopeKey,
} from '@agentctl/contract'
import PQueue from 'p-queue'
import { type CallDeps, type CallSeen, callMs, withCall } from './calls.ts'
import { type Bucket, drained, fullBucket, take } from './rates.ts'

/** Calls in flight at once, for one scope and class; what a cloud allows in a second is the bucket's concern. */
const inFlightMax = 16
/** A cloud that says "too fast" without saying for how long. */
const throttledMs = 5_000
/** A call that would have to wait for longer is left to a later tick, which sees the fleet as it is then. */
const waitMaxMs = 20_000

export interface Admission {
  /**
   * Runs one call when its class has a token in its scope. Deletes never wait behind launches.
   * @throws `rate-limited` at once when the token is too far away
   */
  admit<T>(provider: string, scope: Scope, callClass: CallClass, work: (call: Call) => Promise<T>): Promise<T>
  /** Whether a call would be admitted now. */
  hasRoom(provider: string, scope: Scope, callClass: CallClass): boolean
}

/** Tokens that other hosts take as well. */
export interface SharedRates {
  /** How long to wait for a token; it is taken unless that is longer than `waitMsMax`. Unit: milliseconds. */
  admit(bucket: string, rate: Rate, waitMsMax: number): Promise<number>
  throttled(bucket: string, rate: Rate, retryAfterMs: number): Promise<void>
}

/** Whose turn it is, and not before when. */
interface Turn {
  readonly provider: string
  readonly callClass: CallClass
  readonly from: number
}

interface Lane {
  readonly key: string
  readonly queue: PQueue
  bucket: Bucket
}

/** One queue and one bucket for each scope and class, with the provider's declared rates. */
export function openAdmission(
  providers: ReadonlyMap<string, Provider>,
  deps: CallDeps & { readonly shared?: SharedRates },
): Admission {
  const lanes = new Map<string, Lane>()

  function laneOf(name: string, scope: Scope, callClass: CallClass): Lane {
    const key = `${name}/${scopeKey(scope)}/${callClass}`
    const known = lanes.get(key)
    if (known) return known
    const rate = providers.get(name)?.capabilities.rates[callClass] ?? { burst: 1, perSecond: 1 }
    const lane = {
      key,
      queue: new PQueue({ concurrency: inFlightMax }),
      bucket: fullBucket(rate, deps.clock.now()),
    }
    lanes.set(key, lane)
    return lane
  }

  async function run<T>(
    lane: Lane,
    { provider, callClass, from }: Turn,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const waitMs = from - deps.clock.now()
    if (waitMs > 0) await deps.clock.sleep(waitMs, deps.signal)
    if (-waitMs > waitMaxMs) throw notNow(`${callClass} calls before it hang`, throttledMs)
    await othersToo(lane, provider, callClass)
    const sentAt = deps.clock.now()
    const tell = (outcome: CallSeen['outcome']) =>
      deps.onCall?.({ provider, callClass, outcome, tookMs: deps.clock.now() - sentAt })
    try {
      const answer = await withCall(deps, callMs[callClass], work)
      tell('ok')
      return answer
    } catch (error) {
      tell(isContractError(error) ? error.code : 'internal')
      if (hasCode(error, 'rate-limited')) {
        const retryAfterMs = error.retryAfterMs ?? throttledMs
        lane.bucket = drained(lane.bucket, deps.clock.now(), retryAfterMs)
        // Who is not told of it is told so by the cloud.
        await deps.shared?.throttled(lane.key, lane.bucket.rate, retryAfterMs).catch(() => undefined)
      }
      throw error
    }
  }

  /** Waits for the token that all hosts together may use. */
  async function othersToo(lane: Lane, provider: string, callClass: CallClass): Promise<void> {
    if (!deps.shared) return
    const waitMs = await deps.shared.admit(lane.key, lane.bucket.rate, waitMaxMs)
    if (waitMs <= 0) return
    lane.bucket = drained(lane.bucket, deps.clock.now(), waitMs)
    if (waitMs > waitMaxMs) throw notNow(`other hosts use up the ${callClass} calls of ${provider}`, waitMs)
    await deps.clock.sleep(waitMs, deps.signal)
  }

  return {
    async admit(name, scope, callClass, work) {
      const lane = laneOf(name, scope, callClass)
      const now = deps.clock.now()
      const { bucket, waitMs } = take(lane.bucket, now)
      if (waitMs > waitMaxMs) {
        throw notNow(`${name} takes no ${callClass} call for ${Math.ceil(waitMs / 1000)} s`, waitMs)
      }
      // Taken at once, so that whoever asks next knows how long the line is.
      lane.bucket = bucket
      return lane.queue.add(() => run(lane, { provider: name, callClass, from: now + waitMs }, work), {
        signal: deps.signal,
      })
    },
    hasRoom(name, scope, callClass) {
      return take(laneOf(name, scope, callClass).bucket, deps.clock.now()).waitMs <= waitMaxMs
    },
  }
}

/** Not sent: the cloud surely knows nothing of it. */
function notNow(why: string, retryAfterMs: number) {
  return contractError('rate-limited', `Not sent: ${why}`, { retryAfterMs })
}
