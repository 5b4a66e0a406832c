import { describeProvider } from '@agentctl/contract/testing'
import { afterAll, expect } from 'vitest'
import { startGce } from '../clouds/gce/index.ts'
import { gcpTarget } from '../gcp/target.ts'

const gce = await startGce()
afterAll(async () => {
  expect(gce.violations).toEqual([])
  await gce[Symbol.asyncDispose]()
})
describeProvider(gcpTarget(gce))
