import { expect, it } from 'vitest'
import { startArm } from './index.ts'
import { accessToken } from './services.ts'
import { missingSpec } from './validate.ts'

it.skipIf(missingSpec)(
  'an exchange that Azure does not describe fails the test that made it',
  { timeout: 60_000 },
  async () => {
    const arm = await startArm()
    const at = `${arm.base}/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/ci-agents/providers/Microsoft.Compute/virtualMachines/wrong`
    await fetch(`${at}?api-version=2026-04-01`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        location: 'westeurope',
        properties: { hardwareProfile: { vmSize: 'Standard_D2s_v5' }, priorty: 'Spot' },
      }),
    })
    expect(arm.violations.join()).toContain('priorty')
    await expect(arm[Symbol.asyncDispose]()).rejects.toThrow(/priorty/)
  },
)
