import type { Finding } from '@agentctl/contract'
import { rightIn, toContractError } from './errors.ts'

/** A finding for each read that a right is missing for. @throws what else one failed with */
export async function refusedReads(reads: readonly Promise<unknown>[]): Promise<readonly Finding[]> {
  const settled = await Promise.allSettled(reads)
  return settled.flatMap((one): readonly Finding[] => {
    if (one.status === 'fulfilled') return []
    const { code, message, fault = message, hint } = toContractError(one.reason, 'a read of the preflight')
    if (code !== 'permission-denied') throw one.reason
    const words = `misses ${rightIn(fault) ?? 'a right to read'} (${fault})`
    return [
      { level: 'problem', subject: 'rights', message: words, code, ...(hint !== undefined && { fix: hint }) },
    ]
  })
}
