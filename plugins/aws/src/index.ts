import { contractError, contractVersion, type ProviderModule } from '@agentctl/contract'
import { openCache } from './cache/open.ts'
import { readSecret } from './secrets.ts'

const aws: ProviderModule = {
  contract: contractVersion,
  name: 'aws',
  async open() {
    throw contractError(
      'unsupported',
      'The provider aws makes no instances yet: it keeps caches and reads secrets',
    )
  },
  openCache: async deps => openCache(deps),
  readSecret,
}
export default aws
