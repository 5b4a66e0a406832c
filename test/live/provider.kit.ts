// The conformance kit on a real cloud: `npm run test:live`. It makes machines, which cost money, and ends them.
import { readFileSync } from 'node:fs'
import type { ProviderModule } from '@agentctl/contract'
import { describeProvider } from '@agentctl/contract/testing'
import { parse } from 'yaml'
import { liveTarget } from './target.ts'

const { AGENTCTL_LIVE_PROVIDER: name = '', AGENTCTL_LIVE_POOL: file = '', ...env } = process.env
if (!/^[a-z]+$/.test(name) || file === '')
  throw new Error(
    'Set AGENTCTL_LIVE_PROVIDER, such as aws, and AGENTCTL_LIVE_POOL, a YAML file with spec: and, where wanted, settings:',
  )
const { default: module }: { default: ProviderModule } = await import(`../../plugins/${name}/src/index.ts`)
const { spec, settings } = parse(readFileSync(file, 'utf8'))
describeProvider(await liveTarget(module, { spec, settings, env }))
