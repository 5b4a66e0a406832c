import { describeProvider } from '@agentctl/contract/testing'
import { localTarget } from '../local/target.ts'

describeProvider(localTarget())
// What a machine without PID namespaces gets.
describeProvider(localTarget({ isolation: 'process-group' }))
