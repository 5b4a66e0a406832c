import { contractError, type LaunchRequest, type Problem, scopeKey } from '@agentctl/contract'
import { launchBatchMax, userDataBytesMax } from './capabilities.ts'
import type { Context } from './context.ts'
import { isLaunchId } from './labels.ts'
import { offeringId } from './spec.ts'

/** Pure. @throws `invalid-spec` with every problem of a request that cannot be carried out */
export function assertRequest({ scope }: Context, request: LaunchRequest): void {
  const { launchId, units, userData, offering } = request
  const indexes = new Set(units.map(({ index }) => index))
  const hasGoodIndexes = [...indexes].every(index => Number.isInteger(index) && index >= 0 && index < 1e4)
  const checks: readonly (readonly [boolean, Problem])[] = [
    [isLaunchId(launchId), { path: 'launchId', message: 'is not 26 characters of [a-z2-7], a letter first' }],
    [
      scopeKey(offering.scope) === scopeKey(scope),
      { path: 'offering.scope', message: `is not the engine of ${scopeKey(scope)}` },
    ],
    [offering.id === offeringId, { path: 'offering.id', message: `is not ${offeringId}` }],
    [
      units.length >= 1 && units.length <= launchBatchMax,
      { path: 'units', message: `are not 1 to ${launchBatchMax}` },
    ],
    [
      indexes.size === units.length && hasGoodIndexes,
      { path: 'units', message: 'do not have an index each, from 0' },
    ],
    [
      userData.byteLength <= userDataBytesMax,
      { path: 'userData', message: `is over ${userDataBytesMax} bytes` },
    ],
  ]
  const problems = checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
  if (problems.length === 0) return
  throw contractError('invalid-spec', `launch ${launchId} cannot be made`, { problems })
}
