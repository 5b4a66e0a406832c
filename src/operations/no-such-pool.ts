import { type ContractError, contractError } from '@agentctl/contract'
import { didYouMean } from '../errors/index.ts'

/** For a pool that was named and is not configured. */
export function noSuchPool(pools: Readonly<Record<string, unknown>>, name: string): ContractError {
  const names = Object.keys(pools)
  return contractError('invalid-spec', `There is no pool ${name}${didYouMean(name, names)}`, {
    hint: `Configured are: ${names.join(', ') || 'none'}`,
  })
}
