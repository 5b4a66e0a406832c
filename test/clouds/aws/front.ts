import { setTimeout as sleep } from 'node:timers/promises'
import { getLocal } from 'mockttp'

/** One call as it passed. */
export interface Passed {
  /** Such as `RunInstances`; a path where a call names no action. */
  readonly action: string
  readonly method: string
  readonly protocol: 'query' | 'json' | 'rest'
  /** EC2 looks at a dry run's rights, and does nothing. */
  readonly isDry: boolean
  readonly at: number
  readonly params: URLSearchParams
  /** Of the path: in S3 it says what the call is about. */
  readonly query: URLSearchParams
}

/** What becomes of a call instead of being passed on, and answered, as it is. */
export interface Fate {
  /** An error in the service's own shape; the call does not get any further. */
  readonly error?: { readonly status: number; readonly code: string; readonly message?: string }
  /** Answered so, and no further either. */
  readonly answer?: string
  /** The call is cut before it arrives, or after it was done. */
  readonly lost?: 'request' | 'reply'
  readonly delayMs?: number
  /** Goes on with these parameters. */
  readonly params?: URLSearchParams
  /** Turns the cloud's answer into another one. */
  readonly rewrite?: (xml: string) => string
}

/** `nth` counts the calls of this action from 1. Undefined: it passes. */
export type Decide = (call: Passed, nth: number) => Fate | undefined | Promise<Fate | undefined>

export interface Front extends AsyncDisposable {
  readonly url: string
  readonly passed: readonly Passed[]
  /** Without dry runs. */
  count(action: string): number
  /** For the calls from now on. */
  decide(by: Decide): void
}

/** Stands between the product and the emulated cloud: it notes every call, and lets go wrong what it is told to. */
export async function openFront(target: string): Promise<Front> {
  const server = getLocal()
  await server.start()
  const passed: Passed[] = []
  const fates = new Map<string, Fate>()
  let decide: Decide = () => undefined
  const count = (action: string, isDry = false) =>
    passed.filter(one => one.action === action && one.isDry === isDry).length

  await server.forUnmatchedRequest().thenPassThrough({
    beforeRequest: async ({ id, url, method, headers, body }) => {
      const { pathname, search } = new URL(url)
      const params = new URLSearchParams(await body.getText())
      const named = String(headers['x-amz-target'] ?? '').split('.')[1]
      const action = params.get('Action') ?? named ?? pathname
      const protocol = params.has('Action') ? 'query' : named ? 'json' : 'rest'
      const call: Passed = {
        action,
        method,
        protocol,
        isDry: params.get('DryRun') === 'true',
        at: Date.now(),
        params,
        query: new URLSearchParams(search),
      }
      passed.push(call)
      const fate = (await decide(call, count(action, call.isDry))) ?? {}
      fates.set(id, fate)
      if (fate.delayMs) await sleep(fate.delayMs)
      if (fate.lost === 'request') return { response: 'reset' }
      if (fate.error) return { response: errorOf(call, fate.error) }
      if (fate.answer !== undefined) return { response: answerOf(call, fate.answer) }
      return {
        url: `${target}${pathname}${search}`,
        ...(fate.params && { body: fate.params.toString() }),
      }
    },
    beforeResponse: async ({ id, body }) => {
      const { lost, rewrite } = fates.get(id) ?? {}
      fates.delete(id)
      if (lost === 'reply') return 'reset'
      return rewrite && { body: rewrite((await body.getText()) ?? '') }
    },
  })
  return {
    // A name would become a part of the hosts of buckets.
    url: server.url.replace('localhost', '127.0.0.1'),
    passed,
    count,
    decide: by => {
      decide = by
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

const ec2Version = '2016-11-15'

function errorOf({ protocol, params }: Passed, { status, code, message = code }: NonNullable<Fate['error']>) {
  if (protocol === 'json') return json(status, { __type: code, message })
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  if (protocol === 'rest') return xml(status, error)
  if (params.get('Version') !== ec2Version) return xml(status, `<ErrorResponse>${error}</ErrorResponse>`)
  return xml(status, `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`)
}

function answerOf({ protocol }: Passed, body: string) {
  return protocol === 'json' ? json(200, JSON.parse(body)) : xml(200, body)
}

function xml(statusCode: number, body: string) {
  return { statusCode, headers: { 'content-type': 'text/xml' }, body }
}

function json(statusCode: number, body: object) {
  return { statusCode, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) }
}
