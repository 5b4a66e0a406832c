import type { ProviderDeps } from '@agentctl/contract'
import type { EC2 } from '@aws-sdk/client-ec2'
import type { ServiceQuotas } from '@aws-sdk/client-service-quotas'
import type { SSM } from '@aws-sdk/client-ssm'
import type { Settings } from './settings.ts'
import { configFor } from './storage/config.ts'

/** The only file that imports the packages of EC2, Service Quotas and public parameters, each when it is used. */
export interface AwsClients {
  /** One transport retry. */
  read(region: string): Promise<EC2>
  /** None: EC2 says "no capacity" with HTTP 500, which the SDK would repeat. Source: SDK retry defaults, 2026-11. */
  write(region: string): Promise<EC2>
  ssm(region: string): Promise<SSM>
  quotas(region: string): Promise<ServiceQuotas>
  close(): void
}

/** Opens nothing before it is asked for: each SDK is imported by its first call. */
export function openClients({ env }: Pick<ProviderDeps, 'env'>, { profile }: Settings): AwsClients {
  const open = new Map<string, Promise<{ destroy(): void }>>()
  const access = { env, ...(profile !== undefined && { profile }) }
  const config = (region: string, service: string) => ({
    ...configFor(access, service, region),
    maxAttempts: 2,
  })
  function kept<Client extends { destroy(): void }>(
    key: string,
    make: () => Promise<Client>,
  ): Promise<Client> {
    const made = (open.get(key) as Promise<Client> | undefined) ?? make()
    open.set(key, made)
    return made
  }
  const ec2 = (region: string, maxAttempts: number) =>
    kept(`ec2 ${region} ${maxAttempts}`, async () => {
      const sdk = await import('@aws-sdk/client-ec2')
      return new sdk.EC2({ ...config(region, 'EC2'), maxAttempts })
    })
  return {
    read: region => ec2(region, 2),
    write: region => ec2(region, 1),
    ssm: region =>
      kept(`ssm ${region}`, async () => {
        const sdk = await import('@aws-sdk/client-ssm')
        return new sdk.SSM(config(region, 'SSM'))
      }),
    quotas: region =>
      kept(`quotas ${region}`, async () => {
        const sdk = await import('@aws-sdk/client-service-quotas')
        return new sdk.ServiceQuotas(config(region, 'SERVICE_QUOTAS'))
      }),
    close() {
      for (const made of open.values()) made.then(client => client.destroy()).catch(() => undefined)
    },
  }
}
