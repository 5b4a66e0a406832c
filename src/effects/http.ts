import { contractError, type ErrorCode } from '@agentctl/contract'
import { messageOf } from '../errors/message.ts'
import { redact } from '../errors/redact.ts'

export interface HttpRequest {
  readonly url: string
  /** The whole value of the Authorization header. It is never repeated in an error. */
  readonly authorization?: string
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal: AbortSignal
  /** Unit: milliseconds. */
  readonly timeoutMs: number
  /** An answer that has lain in a cache for longer is none. Unit: milliseconds. */
  readonly ageMaxMs?: number
  /** What is asked for, in words, for errors: `the queue of s1-linux`. */
  readonly what: string
}

/** The hub answers 404, not 401, to a token it does not know (self_hosted_hub pkg/publicapi/auth.go, 2026-08). */
const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-spec',
  401: 'unauthenticated',
  403: 'permission-denied',
  404: 'unauthenticated',
  422: 'quota-exceeded',
  429: 'rate-limited',
}

/** Of an answer's body, in an error. Unit: characters. */
const faultMax = 200

/** The text that a GET or POST answers. @throws `unauthenticated`, `rate-limited`, `unavailable`, … */
export async function requestText(request: HttpRequest): Promise<string> {
  const { url, authorization, body } = request
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    headers: {
      'User-Agent': 'SemaphoreCI v2.0 Client',
      ...(authorization !== undefined && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
  }).catch(cause => {
    throw unanswered(request, cause)
  })
  const text = await response.text().catch(cause => {
    throw unanswered(request, cause)
  })
  if (!response.ok) throw refused(request, response, text)
  const ageMs = Number(response.headers.get('age')) * 1000
  if (ageMs > (request.ageMaxMs ?? Number.POSITIVE_INFINITY)) {
    const what = `${new URL(url).origin} gave an answer of ${ageMs / 1000} s ago for ${request.what}`
    throw contractError('unavailable', what, { hint: 'Let no proxy cache what the hub says.' })
  }
  return text
}

/** The same as JSON. @throws `unavailable` also for an answer that is none */
export async function requestJson(request: HttpRequest): Promise<unknown> {
  const text = await requestText(request)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const { origin } = new URL(request.url)
    throw contractError('unavailable', `${origin} answered something else than JSON for ${request.what}`, {
      cause,
    })
  }
}

function unanswered(request: HttpRequest, cause: unknown): unknown {
  const { signal, url, what } = request
  if (signal.aborted) return signal.reason
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const words = messageOf(inner)
  const why = withoutSecret(request, words)
  return contractError('unavailable', `No answer from ${new URL(url).origin} for ${what}: ${why}`, {
    // What `fetch` says of a header that cannot be sent repeats it.
    ...(why === words && { cause }),
    hint: 'Check the endpoint and the network.',
  })
}

/** A server, or a proxy on the way, may send back what it was sent. */
function withoutSecret({ authorization = '' }: HttpRequest, text: string): string {
  return redact(text, [authorization.slice(authorization.indexOf(' ') + 1)])
}

function refused(request: HttpRequest, response: Response, body: string) {
  const { url, what, authorization } = request
  const { status, headers } = response
  const isPublicFile = authorization === undefined && status < 500
  const code = isPublicFile ? 'invalid-spec' : (codes[status] ?? 'unavailable')
  const retryAfter = Number(headers.get('retry-after'))
  return contractError(code, `${new URL(url).origin} answered ${status} for ${what}`, {
    ...(body && { fault: withoutSecret(request, body).slice(0, faultMax) }),
    ...(code === 'unauthenticated' && { hint: 'Check the token, and that it belongs to this organization.' }),
    ...(retryAfter > 0 && { retryAfterMs: retryAfter * 1000 }),
  })
}
