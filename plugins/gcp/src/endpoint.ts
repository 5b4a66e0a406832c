import { contractError, type ProviderDeps } from '@agentctl/contract'

/** A service of Google's, by the name that its command-line tool has for it. */
export type Service = 'compute' | 'cloudresourcemanager' | 'secretmanager' | 'storage' | 'iam'

/** Where a service is asked. */
export interface Endpoint {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** Whether a variable names it. */
  readonly isOverridden: boolean
}

/**
 * Where `service` is asked: as `CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICE` says, the variable of Google's own command
 * line (https://cloud.google.com/sdk/gcloud/reference/config/set, section api_endpoint_overrides, read 2026-11-23).
 * A path in it is not needed, and not used.
 * @throws `invalid-spec` for an override that is no URL
 */
export function endpointOf(service: Service, env: ProviderDeps['env']): Endpoint {
  const variable = `CLOUDSDK_API_ENDPOINT_OVERRIDES_${service.toUpperCase()}`
  const text = env[variable]
  if (!text) return { protocol: 'https', host: `${service}.googleapis.com`, port: 443, isOverridden: false }
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw contractError('invalid-spec', `${variable} is no URL`, {
      hint: 'It is one such as https://compute-example.p.googleapis.com/compute/v1/.',
    })
  }
  const protocol = url.protocol === 'http:' ? 'http' : 'https'
  const port = Number(url.port) || (protocol === 'http' ? 80 : 443)
  return { protocol, host: url.hostname, port, isOverridden: true }
}

/** Without a slash at the end. */
export function originOf({ protocol, host, port }: Endpoint): string {
  return `${protocol}://${host}:${port}`
}
