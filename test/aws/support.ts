import type { Call, Log, Provider } from '@agentctl/contract'
import aws from '@agentctl/provider-aws'
import type { Moto } from '../clouds/aws/moto.ts'
import { clock, silentLog } from '../local/support.ts'

/** An image and a type that moto has. */
export const baseSpec = { region: 'us-east-1', image: 'ami-785db401', types: ['t3.micro'] }
export { clock }

export function openAws(
  moto: Pick<Moto, 'env'>,
  owner: string,
  env: Record<string, string> = {},
  log: Log = silentLog,
): Promise<Provider> {
  return aws.open({
    owner,
    settings: {},
    clock,
    random: { next: Math.random },
    log,
    env: { ...moto.env, ...env },
  })
}

export function call(limitMs = 30_000): Call {
  return { signal: new AbortController().signal, deadlineMs: clock.now() + limitMs, log: silentLog }
}
