/** What a handler answers. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Thrown by a handler instead of an answer. */
export class Refusal extends Error {
  readonly status: number
  readonly reason: string
  /** Of google.rpc.ErrorInfo, where the answer has one. */
  readonly info: string | undefined
  constructor(status: number, reason: string, message: string, info?: string) {
    super(message)
    this.status = status
    this.reason = reason
    this.info = info
  }
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

/** An error as Compute Engine words it. */
export function refused({ status, reason, message, info }: Refusal): Answer {
  const domain = reason === 'rateLimitExceeded' || reason === 'quotaExceeded' ? 'usageLimits' : 'global'
  const details = info && [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: info, domain: 'compute.googleapis.com' },
  ]
  return {
    status,
    body: {
      error: {
        code: status,
        message,
        errors: [{ message, domain, reason }],
        ...(details && { details }),
      },
    },
  }
}

export function notFound(link: string): Refusal {
  return new Refusal(404, 'notFound', `The resource '${link}' was not found`)
}

export function invalid(message: string): Refusal {
  return new Refusal(400, 'invalid', message)
}
