import { contractError, type ErrorCode } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../plugins/gcp/src/error-table.ts'
import { toContractError } from '../../plugins/gcp/src/errors.ts'
import { faultOf, RequestError } from '../../plugins/gcp/src/exchange.ts'

const now = Date.parse('2026-11-26T12:00:40Z')

interface Words {
  readonly status?: number
  readonly reason?: string
  readonly info?: string
  readonly message?: string
}

/** Worded as Compute Engine words its errors. */
function refusal({ status = 400, reason, info, message = 'No.' }: Words): RequestError {
  const error = {
    code: status,
    message,
    ...(reason && { errors: [{ message, domain: 'global', reason }] }),
    ...(info && { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: info }] }),
  }
  const fault = faultOf({ status, text: JSON.stringify({ error }) })
  return new RequestError('instances.insert', fault, false, undefined)
}

const cases: readonly (readonly [ErrorCode, Words])[] = [
  ['capacity-unavailable', { status: 0, info: 'ZONE_RESOURCE_POOL_EXHAUSTED' }],
  ['capacity-unavailable', { status: 0, info: 'ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS' }],
  ['capacity-unavailable', { status: 503, reason: 'REGION_RESOURCE_POOL_EXHAUSTED' }],
  ['capacity-unavailable', { status: 0, info: 'IP_SPACE_EXHAUSTED' }],
  [
    'rate-limited',
    { status: 403, reason: 'rateLimitExceeded', info: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' },
  ],
  ['rate-limited', { status: 403, reason: 'rateLimitExceeded' }],
  ['rate-limited', { status: 403, info: 'RATE_LIMIT_EXCEEDED' }],
  ['quota-exceeded', { status: 403, reason: 'quotaExceeded' }],
  ['quota-exceeded', { status: 0, info: 'QUOTA_EXCEEDED' }],
  ['rate-limited', { status: 429 }],
  ['permission-denied', { status: 403, reason: 'accessNotConfigured', info: 'SERVICE_DISABLED' }],
  ['permission-denied', { status: 403, info: 'BILLING_DISABLED' }],
  ['permission-denied', { status: 403, reason: 'forbidden' }],
  ['unauthenticated', { status: 401, reason: 'authError' }],
  ['permission-denied', { status: 403 }],
  [
    'permission-denied',
    {
      status: 412,
      reason: 'conditionNotMet',
      message: 'Constraint constraints/compute.vmExternalIpAccess violated for project 1.',
    },
  ],
  ['conflict', { status: 412, reason: 'conditionNotMet' }],
  ['conflict', { status: 409, reason: 'alreadyExists' }],
  ['unavailable', { status: 400, reason: 'resourceNotReady' }],
  ['unavailable', { status: 400, reason: 'resourceInUseByAnotherResource' }],
  [
    'permission-denied',
    {
      status: 400,
      message: 'Invalid resource usage: Resource cannot be deleted if deletion protection is on',
    },
  ],
  ['invalid-spec', { status: 404, reason: 'notFound' }],
  ['unsupported', { status: 0, info: 'UNSUPPORTED_OPERATION' }],
  ['invalid-spec', { status: 400, reason: 'invalid' }],
  ['invalid-spec', { status: 400 }],
  ['invalid-spec', { status: 404 }],
  ['conflict', { status: 409 }],
  ['conflict', { status: 412 }],
  ['unavailable', { status: 0, info: 'INTERNAL_ERROR' }],
  ['unavailable', { status: 500 }],
  ['unavailable', { status: 502 }],
  ['unavailable', { status: 503 }],
  ['unavailable', { status: 504 }],
  ['internal', { status: 418 }],
]

describe('the table of errors', () => {
  it.each(cases)('%s for %o', (code, words) => {
    const error = toContractError(refusal(words), 'launch of x', now)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^launch of x failed: /)
    expect(error.fault).toBe(words.message ?? 'No.')
    expect(error.cause).toBeInstanceOf(RequestError)
    if (code === 'unauthenticated' || code === 'permission-denied') expect(error.hint).toBeTruthy()
  })

  it('has no row that no case meets', () => {
    const met = new Set(
      cases.map(([, words]) => {
        const { message } = toContractError(refusal(words), 'x', now)
        return message.replace('x failed: ', '')
      }),
    )
    expect(errorTable.map(({ why }) => why).filter(why => !met.has(why))).toEqual([])
  })

  it('waits for the next minute of the quota, and not long for operations', () => {
    const storm = toContractError(refusal({ status: 403, reason: 'rateLimitExceeded' }), 'x', now)
    expect(storm.retryAfterMs).toBe(21_500)
  })

  it('takes an answer that is no JSON by its status', () => {
    const fault = faultOf({ status: 502, text: '<html>Bad Gateway</html>' })
    expect(toContractError(new RequestError('x', fault, true, undefined), 'x', now)).toMatchObject({
      code: 'unavailable',
      fault: 'HTTP 502',
    })
  })

  it('takes no answer at all for unavailable, and leaves contract errors as they are', () => {
    const lost = new RequestError('instances.get: socket hang up', undefined, true, undefined)
    expect(toContractError(lost, 'x', now).code).toBe('unavailable')
    const known = contractError('cancelled', 'x')
    expect(toContractError(known, 'y', now)).toBe(known)
    expect(toContractError(new TypeError('a mistake'), 'x', now).code).toBe('internal')
  })
})
