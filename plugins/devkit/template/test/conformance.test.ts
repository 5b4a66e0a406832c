import { describeProvider } from '@agentctl/contract/testing'
import { createTarget } from './target.ts'

describeProvider(createTarget())
