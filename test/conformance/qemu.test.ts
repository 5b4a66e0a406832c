import { describeProvider } from '@agentctl/contract/testing'
import { describe, test } from 'vitest'
import { bootTitle, canBoot } from '../qemu/support.ts'
import { qemuTarget } from '../qemu/target.ts'

if (canBoot) describeProvider(qemuTarget())
else describe('conformance: qemu', () => test.skip(bootTitle, () => undefined))
