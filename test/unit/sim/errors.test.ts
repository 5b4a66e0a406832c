import { expect, it } from 'vitest'
import { rows, toContractError } from '../../../plugins/sim/src/errors.ts'
import { type SimCode, simFault } from '../../../plugins/sim/src/sim-fault.ts'

/** Code of the cloud, of any call, and of a launch whose request had left. */
const expected: readonly (readonly [SimCode, string, string])[] = [
  ['AccessDenied', 'permission-denied', 'permission-denied'],
  ['Aborted', 'cancelled', 'outcome-unknown'],
  ['BadCredentials', 'unauthenticated', 'unauthenticated'],
  ['ConnectionLost', 'unavailable', 'outcome-unknown'],
  ['InUse', 'unavailable', 'unavailable'],
  ['NameTaken', 'conflict', 'conflict'],
  ['NotFound', 'unavailable', 'unavailable'],
  ['NotOwned', 'not-owned', 'not-owned'],
  ['QuotaExceeded', 'quota-exceeded', 'quota-exceeded'],
  ['ServerError', 'unavailable', 'unavailable'],
  ['StockOut', 'capacity-unavailable', 'capacity-unavailable'],
  ['Throttled', 'rate-limited', 'rate-limited'],
  ['TimedOut', 'unavailable', 'outcome-unknown'],
  ['TokenMismatch', 'conflict', 'conflict'],
  ['TokenSpent', 'launch-spent', 'launch-spent'],
]

it.each(expected)('%s is %s, of a launch %s', (simCode, code, forLaunch) => {
  const fault = simFault(simCode, 'its words', { retryAfterMs: 7 })
  expect(toContractError('sim: call', fault)).toMatchObject({ code, fault: simCode, retryAfterMs: 7 })
  expect(toContractError('sim: launch', fault, true)).toMatchObject({ code: forLaunch, cause: fault })
  const unsent = simFault(simCode, 'its words', { isSent: false })
  expect(toContractError('sim: launch', unsent, true)).toMatchObject({
    code,
    message: 'sim: launch: its words',
  })
})

it('has a row for every code, and takes the rest for a mistake of its own', () => {
  expect(Object.keys(rows).sort()).toEqual(expected.map(([code]) => code).sort())
  expect(toContractError('sim: call', new TypeError('oops'))).toMatchObject({ code: 'internal' })
  const already = toContractError('sim: call', simFault('StockOut', 'none'))
  expect(toContractError('sim: call', already)).toBe(already)
})
