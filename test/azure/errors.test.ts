import { describe, expect, it } from 'vitest'
import { errorTable, type Row } from '../../plugins/azure/src/error-table.ts'
import { errorOfOperation, mayHaveArrived, toContractError } from '../../plugins/azure/src/errors.ts'

const headersOf = (headers: Record<string, string>) => ({ get: (name: string) => headers[name] })

/** As the SDK throws it. */
function restError(message: string, { code, statusCode }: { code: string; statusCode?: number }): Error {
  return Object.assign(new Error(message), { name: 'RestError', code, ...(statusCode && { statusCode }) })
}

function answered(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): unknown {
  const bodyAsText = JSON.stringify({ error: { code, message } })
  return Object.assign(restError(message, { code, statusCode: status }), {
    response: { bodyAsText, headers: headersOf(headers) },
  })
}

/** Words that a row's expression fits, where it has one. */
const words: Readonly<Record<string, string>> = { 'quota|limit': 'exceeding approved cores quota' }

function exampleOf({ codes, status, statusFrom, text }: Row): {
  code: string
  status: number
  message: string
} {
  return {
    code: codes?.[0] ?? 'SomethingElse',
    status: status ?? statusFrom ?? 418,
    message: (text && words[text.source]) ?? 'words of Azure',
  }
}

describe('every row of the table', () => {
  const rows = errorTable.map((row, index) => ({ index, row, ...exampleOf(row) }))

  it.each(rows)('$index: $code $status', ({ row, code, status, message }) => {
    const error = toContractError(answered(status, code, message), 'launch of abc')
    expect(error).toMatchObject({ code: row.code, fault: message })
    expect(error.message).toBe(`launch of abc failed: ${row.why}`)
  })

  it('that a person has to mend says how', () => {
    const mute = errorTable.filter(
      ({ code, hint }) => /un(authenticated)|permission|quota/.test(code) && !hint,
    )
    expect(mute).toEqual([])
  })
})

describe('an error', () => {
  it('names the right that is missing', () => {
    const message =
      "The client 'x' does not have authorization to perform action 'Microsoft.Compute/virtualMachines/write' over scope '/subscriptions/s'."
    const error = toContractError(answered(403, 'AuthorizationFailed', message), 'launch')
    expect(error).toMatchObject({
      code: 'permission-denied',
      hint: expect.stringContaining('The right is Microsoft.Compute/virtualMachines/write.'),
    })
  })

  it('says how long to wait, in whichever header it comes', () => {
    const waits = (headers: Record<string, string>) =>
      toContractError(answered(429, 'TooManyRequests', 'slow', headers), 'list').retryAfterMs
    expect(waits({ 'retry-after': '17' })).toBe(17_000)
    expect(waits({ 'x-ms-retry-after-ms': '250' })).toBe(250)
    expect(waits({})).toBeUndefined()
  })

  it('is told by its inner codes too', () => {
    const fault = { code: 'DeploymentFailed', message: 'inner', details: [{ code: 'ZonalAllocationFailed' }] }
    expect(errorOfOperation(fault, 'launch')).toMatchObject({ code: 'capacity-unavailable' })
  })

  it('of an operation that nobody knows is worth another try', () => {
    expect(errorOfOperation({ code: 'NewTrouble', message: 'm' }, 'launch')).toMatchObject({
      code: 'unavailable',
      fault: 'NewTrouble: m',
    })
  })

  it('of the login is unauthenticated, and keeps no request', () => {
    const error = Object.assign(new Error('ClientSecretCredential: failed'), {
      name: 'AuthenticationError',
      request: { body: 'secret' },
    })
    const seen = toContractError(error, 'list')
    expect(seen).toMatchObject({ code: 'unauthenticated', hint: expect.stringContaining('az login') })
    expect(seen.cause).not.toHaveProperty('request')
  })

  it('that is none of these is a mistake of ours', () => {
    expect(toContractError(new TypeError('x is not a function'), 'list')).toMatchObject({ code: 'internal' })
  })
})

describe('whether a request may have arrived', () => {
  it.each([
    ['an answer of a gateway', answered(502, 'BadGateway', 'm'), true],
    ['a trouble of Azure', answered(500, 'InternalServerError', 'm'), true],
    ['a refusal', answered(409, 'SkuNotAvailable', 'm'), false],
    ['a throttle', answered(429, 'TooManyRequests', 'm'), false],
    ['a broken connection', restError('socket hang up', { code: 'ECONNRESET' }), true],
    ['no connection', restError('refused', { code: 'ECONNREFUSED' }), false],
    ['a name that is not known', restError('no such host', { code: 'ENOTFOUND' }), false],
    ['a certificate that is not trusted', restError('x', { code: 'CERT_HAS_EXPIRED' }), false],
    ['a login that failed', Object.assign(new Error('m'), { name: 'CredentialUnavailableError' }), false],
  ])('%s', (_, error, isSo) => {
    expect(mayHaveArrived(error)).toBe(isSo)
  })
})
