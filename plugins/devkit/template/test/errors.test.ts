import { expect, it } from 'vitest'
import { errorTable, toContractError } from '../src/errors.ts'

const fault = (cloudCode: string) => Object.assign(new Error('refused'), { cloudCode })

it.each(Object.entries(errorTable))('%s reads as its row says', (cloudCode, { code, hint, isOpen }) => {
  const error = toContractError(fault(cloudCode), 'nimbus: list')
  expect({ code: error.code, hint: error.hint, fault: error.fault }).toEqual({ code, hint, fault: cloudCode })
  expect(toContractError(fault(cloudCode), 'nimbus: launch', true).code).toBe(
    isOpen ? 'outcome-unknown' : code,
  )
})

it('what is in no row may have been accepted', () => {
  expect(toContractError(fault('Novelty'), 'nimbus: launch', true).code).toBe('outcome-unknown')
})
