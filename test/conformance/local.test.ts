import { describeProvider } from '@agentctl/contract/testing'
import { localTarget } from '../local/target.ts'

describeProvider(localTarget())
