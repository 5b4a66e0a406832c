import { contractVersion, type ProviderModule } from '@agentctl/contract'
import { createCloud } from './cloud.ts'
import { createProvider } from './provider.ts'

/** What agentctl imports. A cloud's client is made here, per owner: a module keeps no state of its own (rule C3). */
const provider: ProviderModule = {
  contract: contractVersion,
  name: 'nimbus',
  open: async ({ owner, clock }) => createProvider({ cloud: createCloud(clock), owner, clock }),
}

export default provider
