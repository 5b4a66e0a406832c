import { contractError, type ErrorCode, errorCodes } from '@agentctl/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodes, gravest } from '../../../src/errors/index.ts'

describe('exit codes', () => {
  it('has one for every error code', () => {
    expect(Object.keys(exitCodes).toSorted()).toEqual([...errorCodes].toSorted())
  })

  it.each([
    ['invalid-spec', 2],
    ['provider-not-installed', 3],
    ['permission-denied', 10],
    ['quota-exceeded', 11],
    ['outcome-unknown', 12],
    ['agent-timeout', 13],
    ['cleanup-incomplete', 20],
    ['internal', 70],
  ] as const)('%s exits with %i', (code, exit) => {
    expect(exitCodeOf(contractError(code, 'x'))).toBe(exit)
  })

  it('tells the signal of a cancelled command', () => {
    expect(exitCodeOf(contractError('cancelled', 'x'))).toBe(130)
    expect(exitCodeOf(contractError('cancelled', 'x', { cause: 'SIGINT' }))).toBe(130)
    expect(exitCodeOf(contractError('cancelled', 'x', { cause: 'SIGTERM' }))).toBe(143)
  })
})

describe('gravest', () => {
  const inOrder: readonly ErrorCode[] = [
    'cleanup-incomplete',
    'boot-failed',
    'unavailable',
    'quota-exceeded',
    'unauthenticated',
  ]

  it('is 0 when nothing went wrong', () => {
    expect(gravest([])).toBe(0)
  })

  it('puts 20 before 13, 12, 11 and 10', () => {
    expect(inOrder.map((_, index) => gravest(inOrder.slice(index).toReversed()))).toEqual([
      20, 13, 12, 11, 10,
    ])
  })

  it('is the exit code of one of the ends, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...errorCodes), { minLength: 1 }), codes => {
        expect(codes.map(code => exitCodes[code])).toContain(gravest(codes))
        expect(gravest(codes.toReversed())).toBe(gravest(codes))
      }),
    )
  })
})
