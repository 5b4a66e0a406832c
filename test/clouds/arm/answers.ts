export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by a handler instead of an answer, in ARM's own words. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export function refused({ status, code, message, headers }: Refusal): Answer {
  return { status, body: { error: { code, message } }, headers }
}

export function notFound(what: string): Refusal {
  return new Refusal(404, 'ResourceNotFound', `The Resource '${what}' was not found.`)
}
