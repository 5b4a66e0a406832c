import { describeProvider } from '@agentctl/contract/testing'
import { afterAll, describe, it } from 'vitest'
import { awsTarget } from '../aws/target.ts'
import { openFront } from '../clouds/aws/front.ts'
import { missingMoto, startMoto } from '../clouds/aws/moto.ts'

const missing = missingMoto()
if (missing === undefined) {
  const moto = await startMoto()
  const front = await openFront(moto.url)
  afterAll(async () => {
    await front[Symbol.asyncDispose]()
    await moto[Symbol.asyncDispose]()
  })
  describeProvider(awsTarget(moto, front))
} else describe('conformance: aws', () => it.skip(missing, () => undefined))
