import type { TokenStore } from '@agentctl/contract'
import { toContractError } from './errors.ts'
import type { Seat } from './provider.ts'

/** A bucket for tokens. Its objects are nobody's concern here; the calls, and the time that they take, are. */
export function createTokens({ api, clock }: Seat, signMs: number): TokenStore {
  const region = 'sim-1'
  return {
    async put({ bucket, agentType }, _token, call) {
      try {
        await api.upload({ account: 'sim', region }, `${bucket}/${agentType}`, call)
      } catch (error) {
        throw toContractError(`sim: upload of the token of ${agentType}`, error)
      }
      return { bucket, region, key: agentType }
    },
    async sign({ bucket, key }, { signedAt, validMs }) {
      if (signMs > 0) await clock.sleep(signMs)
      return `https://${bucket}.sim.invalid/${key}?from=${Math.floor(signedAt / 1000)}&ms=${validMs}`
    },
  }
}
