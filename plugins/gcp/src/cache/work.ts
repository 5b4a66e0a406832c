import { type Call, contractError, type ProviderDeps, within } from '@agentctl/contract'
import { type Credentials, openCredentials } from '../credentials.ts'
import { endpointOf } from '../endpoint.ts'
import { errorsBy, isNotFound } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { askJson } from '../wire.ts'

/** What the steps of a cache work with. */
export interface CacheWork {
  readonly owner: string
  readonly project: string
  readonly bucket: string
  /** Cloud Storage; `path` is below `/storage/v1`. Undefined answers mean that it is not there. */
  storage(method: string, path: string, body?: unknown): Promise<unknown>
  /** Identity and Access Management; `path` is below `/v1`. */
  iam(method: string, path: string, body?: unknown): Promise<unknown>
}

export interface Opened {
  readonly deps: ProviderDeps
  readonly credentials: Credentials
  readonly project: string
}

/** @throws `invalid-spec` where no project is known */
export function opened(deps: ProviderDeps): Opened {
  const { project } = parseSettings(deps.settings, deps.env)
  if (project === undefined) {
    throw contractError('invalid-spec', 'It is not said in which project the cache is', {
      hint: 'Set project: in providers: gcp:, or GOOGLE_CLOUD_PROJECT.',
    })
  }
  return { deps, credentials: openCredentials(deps.env), project }
}

/** Runs `work` within the bounds of its call. */
export function during<T>(
  { deps, credentials, project }: Opened,
  bucket: string,
  what: string,
  call: Call,
  work: (work: CacheWork) => Promise<T>,
): Promise<T> {
  return within(
    { what: `${what} ${bucket}`, call, clock: deps.clock, toError: errorsBy(deps.clock) },
    signal => {
      const asker = (service: 'storage' | 'iam', root: string) => {
        const endpoint = endpointOf(service, deps.env)
        return async (method: string, path: string, body?: unknown) => {
          const asked = { method, path: `${root}${path}`, ...(body !== undefined && { body }) }
          try {
            return (await askJson(credentials, endpoint, asked, signal)) ?? {}
          } catch (error) {
            if (isNotFound(error)) return undefined
            throw error
          }
        }
      }
      return work({
        owner: deps.owner,
        project,
        bucket,
        storage: asker('storage', '/storage/v1'),
        iam: asker('iam', '/v1'),
      })
    },
  )
}
