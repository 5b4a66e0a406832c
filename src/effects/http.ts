import { contractError, type ErrorCode } from '@agentctl/contract'

export interface HttpRequest {
  readonly url: string
  /** The whole value of the Authorization header. It is never repeated in an error. */
  readonly authorization: string
  readonly method?: 'GET' | 'POST'
  readonly signal: AbortSignal
  /** Unit: milliseconds. */
  readonly timeoutMs: number
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

/** The JSON that a GET or POST answers. @throws `unauthenticated`, `rate-limited`, `unavailable`, … */
export async function requestJson(request: HttpRequest): Promise<unknown> {
  const { url, what } = request
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    headers: { Authorization: request.authorization, 'User-Agent': 'SemaphoreCI v2.0 Client' },
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
  }).catch(cause => {
    if (request.signal.aborted) throw request.signal.reason
    const why =
      cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : ''
    throw contractError('unavailable', `No answer from ${new URL(url).origin} for ${what}: ${why}`, {
      cause,
      hint: 'Check the endpoint and the network.',
    })
  })
  const text = await response.text()
  if (!response.ok) throw refused(response, text.slice(0, 200), what, url)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw contractError(
      'unavailable',
      `${new URL(url).origin} answered something else than JSON for ${what}`,
      { cause },
    )
  }
}

function refused(response: Response, body: string, what: string, url: string) {
  const code = codes[response.status] ?? 'unavailable'
  const retryAfter = Number(response.headers.get('retry-after'))
  return contractError(code, `${new URL(url).origin} answered ${response.status} for ${what}`, {
    ...(body && { fault: body }),
    ...(code === 'unauthenticated' && { hint: 'Check the token, and that it belongs to this organization.' }),
    ...(retryAfter > 0 && { retryAfterMs: retryAfter * 1000 }),
  })
}
