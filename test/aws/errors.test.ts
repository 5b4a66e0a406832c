import { contractError } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../plugins/aws/src/error-table.ts'
import { mayHaveArrived, toContractError } from '../../plugins/aws/src/errors.ts'

function awsError(name: string, details: object = {}): Error {
  return Object.assign(new Error(`words of ${name}`), {
    name,
    $metadata: { httpStatusCode: 400 },
    ...details,
  })
}

/** Each code of AWS that was looked up, and the reaction it asks for. */
const rows = [
  ['InsufficientInstanceCapacity', 'capacity-unavailable'],
  ['InsufficientHostCapacity', 'capacity-unavailable'],
  ['SpotMaxPriceTooLow', 'capacity-unavailable'],
  ['ReservationCapacityExceeded', 'capacity-unavailable'],
  ['InsufficientFreeAddressesInSubnet', 'capacity-unavailable'],
  ['Unsupported', 'capacity-unavailable'],
  ['InstanceLimitExceeded', 'quota-exceeded'],
  ['VcpuLimitExceeded', 'quota-exceeded'],
  ['MaxSpotInstanceCountExceeded', 'quota-exceeded'],
  ['PendingVerification', 'quota-exceeded'],
  ['RequestLimitExceeded', 'rate-limited'],
  ['Throttling', 'rate-limited'],
  ['ThrottlingException', 'rate-limited'],
  ['UnauthorizedOperation', 'permission-denied'],
  ['AccessDeniedException', 'permission-denied'],
  ['OptInRequired', 'permission-denied'],
  ['OperationNotPermitted', 'permission-denied'],
  ['AuthFailure', 'unauthenticated'],
  ['ExpiredToken', 'unauthenticated'],
  ['RequestExpired', 'unauthenticated'],
  ['CredentialsProviderError', 'unauthenticated'],
  ['SignatureDoesNotMatch', 'unauthenticated'],
  ['IdempotentParameterMismatch', 'conflict'],
  ['InvalidAMIID.NotFound', 'invalid-spec'],
  ['InvalidParameterValue', 'invalid-spec'],
  ['InvalidSubnetID.NotFound', 'invalid-spec'],
  ['MissingParameter', 'invalid-spec'],
  ['TagLimitExceeded', 'invalid-spec'],
  ['VolumeInUse', 'unavailable'],
] as const

describe('errors of AWS', () => {
  it.each(rows)('%s is %s', (name, code) => {
    const error = toContractError(awsError(name), 'launch of x')
    expect(error.code).toBe(code)
    expect(error.fault).toBe(`${name}: words of ${name}`)
    expect(error.message).toMatch(/^launch of x failed: /)
  })

  it('has a sample for each row of the table', () => {
    const without = errorTable.filter(row => !rows.some(([name]) => row.name.test(name)))
    expect(without).toEqual([])
  })

  it('keeps a contract error as it is', () => {
    const error = contractError('not-owned', 'no')
    expect(toContractError(error, 'x')).toBe(error)
  })

  it('leaves out the encoded message, which tells of policies', () => {
    const words = 'You are not authorized. Encoded authorization failure message: c2VjcmV0'
    const error = Object.assign(awsError('UnauthorizedOperation'), { message: words })
    expect(toContractError(error, 'x').fault).toBe('UnauthorizedOperation: You are not authorized.')
  })

  it('waits as long as AWS asks for', () => {
    const error = awsError('RequestLimitExceeded', { $response: { headers: { 'retry-after': '7' } } })
    expect(toContractError(error, 'x').retryAfterMs).toBe(7_000)
  })

  it.each([
    [
      'a definite refusal with HTTP 500',
      awsError('InsufficientInstanceCapacity', { $metadata: { httpStatusCode: 500 } }),
      false,
    ],
    [
      'an unknown failure with HTTP 500',
      awsError('InternalError', { $metadata: { httpStatusCode: 500 } }),
      true,
    ],
    ['an unknown refusal with HTTP 400', awsError('SomethingNew'), false],
    ['a connection that broke', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), true],
    ['a connection that was not made', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), false],
    [
      'an answer that did not come in time',
      Object.assign(new Error('timed out'), { name: 'TimeoutError' }),
      true,
    ],
  ])('%s may have been carried out: %s', (_, error, expected) => {
    expect(mayHaveArrived(error)).toBe(expected)
  })
})
