import { describeProvider } from '@agentctl/contract/testing'
import { afterAll } from 'vitest'
import { azureTarget } from '../azure/target.ts'
import { startArm } from '../clouds/arm/index.ts'

// Reservations are let go while the kit waits; the full 180 s are in test/azure.
const arm = await startArm({ reservationMs: 300, allocateMs: 10, provisionMs: 20, deleteMs: 20 })
afterAll(() => arm[Symbol.asyncDispose]())
describeProvider(azureTarget(arm))
