import { describeProvider } from '@agentctl/contract/testing'
import { describe, it } from 'vitest'
import { sharedEngine } from '../docker/engine.ts'
import { dockerTarget } from '../docker/target.ts'

const engine = await sharedEngine()
if (engine.missing === undefined) describeProvider(await dockerTarget(engine))
else describe('conformance: docker', () => it.skip(`${engine.missing}`, () => undefined))
