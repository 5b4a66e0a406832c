import { AsyncLocalStorage } from 'node:async_hooks'

/** One request to Google, and how far it has come. */
export interface Exchange {
  readonly signal: AbortSignal
  /** Set as soon as it may have left. */
  isSent: boolean
  /** An answer that is no success. */
  refusal?: { readonly status: number; readonly text: string }
}

/** What a request was answered with when it was not done. */
export interface Fault {
  readonly status: number
  readonly message: string
  /** Google's short word, such as `rateLimitExceeded`; the more telling one of google.rpc.ErrorInfo comes first. */
  readonly reasons: readonly string[]
}

/** A request that was refused, or whose answer never came. */
export class RequestError extends Error {
  /** Undefined when no answer came. */
  readonly fault: Fault | undefined
  readonly mayHaveArrived: boolean
  constructor(message: string, fault: Fault | undefined, mayHaveArrived: boolean, cause: unknown) {
    super(message, { cause })
    this.name = 'RequestError'
    this.fault = fault
    this.mayHaveArrived = mayHaveArrived
  }
}

/** Carries the exchange from the call to the place where the request leaves, past a client that knows no signals. */
export type Exchanges = AsyncLocalStorage<Exchange>

export function createExchanges(): Exchanges {
  return new AsyncLocalStorage()
}

interface ErrorBody {
  readonly error?: {
    readonly message?: string
    readonly status?: string
    readonly errors?: readonly { readonly reason?: string }[]
    readonly details?: readonly { readonly reason?: string }[]
  }
}

export function faultOf({ status, text }: { status: number; text: string }): Fault {
  const { error } = parsed(text)
  const words = [...(error?.details ?? []), ...(error?.errors ?? []), { reason: error?.status }]
  const reasons = words.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))
  return { status, message: error?.message ?? `HTTP ${status}`, reasons }
}

function parsed(text: string): ErrorBody {
  try {
    const value: unknown = JSON.parse(text)
    return value instanceof Object ? value : {}
  } catch {
    return {}
  }
}
