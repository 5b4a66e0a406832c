import { contractError, type ProviderDeps, tagNames } from '@agentctl/contract'
import { z } from 'zod'
import { openCredentials } from './credentials.ts'
import { endpointOf } from './endpoint.ts'
import { isNotFound, toContractError } from './errors.ts'
import { parseSettings } from './settings.ts'
import { askJson } from './wire.ts'

const limitMs = 30_000
const answer = z.object({ payload: z.object({ data: z.string() }) })

/**
 * `projects/P/secrets/S/versions/V` of a reference: the version is the latest where it is left out, the project is
 * `project` where only the secret is named. Pure. Undefined for what is no reference to a secret at Google.
 */
export function secretPath(ref: string, project: string | undefined): string | undefined {
  const name = /^gcp-secret:(.+)$/.exec(ref)?.[1] ?? ''
  const full = name.includes('/') ? name : `projects/${project ?? ''}/secrets/${name}`
  const [, secret, version = 'latest'] =
    /^(projects\/[a-z0-9.:-]+\/secrets\/[\w-]{1,255})(?:\/versions\/(\w+))?$/.exec(full) ?? []
  return secret && `${secret}/versions/${version}`
}

/**
 * The value behind `gcp-secret:projects/P/secrets/S/versions/V`, as it is stored. One request.
 * Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access, read
 * 2026-11-23.
 * @throws `invalid-spec`, `permission-denied`, `unauthenticated`, `unavailable`; the value is in no message
 */
export async function readSecret(ref: string, deps: ProviderDeps): Promise<string> {
  const path = pathOf(ref, deps)
  try {
    const told = await ask(deps, 'GET', `/v1/${path}:access`)
    return Buffer.from(answer.parse(told).payload.data, 'base64').toString()
  } catch (error) {
    if (isNotFound(error)) {
      throw contractError('invalid-spec', `There is no secret ${path}`, {
        hint: 'Check project, name and version: gcloud secrets versions list NAME --project PROJECT.',
      })
    }
    throw toContractError(error, `reading ${ref}`, deps.clock.now())
  }
}

/**
 * Stores a value as the latest version of a secret, which is made where there is none.
 * Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets, read 2026-11-26.
 * @throws `unsupported` for a version that is named, `permission-denied`, `unauthenticated`, `unavailable`
 */
export async function writeSecret(ref: string, value: string, deps: ProviderDeps): Promise<void> {
  const [, project = '', secret = '', version] =
    /^projects\/([^/]+)\/secrets\/([^/]+)\/versions\/(.+)$/.exec(pathOf(ref, deps)) ?? []
  if (version !== 'latest') {
    throw contractError('unsupported', `Nothing can be stored as ${ref}: a version does not change`, {
      hint: 'Leave the version out, or name the latest.',
    })
  }
  const body = { payload: { data: Buffer.from(value).toString('base64') } }
  const add = () => ask(deps, 'POST', `/v1/projects/${project}/secrets/${secret}:addVersion`, body)
  const make = () =>
    ask(deps, 'POST', `/v1/projects/${project}/secrets?secretId=${secret}`, {
      replication: { automatic: {} },
      labels: { [tagNames.owner]: deps.owner },
    })
  try {
    await add().catch(async error => {
      if (!isNotFound(error)) throw error
      await make()
      await add()
    })
  } catch (error) {
    throw toContractError(error, `storing ${ref}`, deps.clock.now())
  }
}

function pathOf(ref: string, { settings, env }: ProviderDeps): string {
  const path = secretPath(ref, parseSettings(settings, env).project)
  if (path !== undefined) return path
  throw contractError('invalid-spec', `${ref} is no reference to a secret`, {
    hint: 'It is gcp-secret:projects/PROJECT/secrets/NAME/versions/latest.',
  })
}

function ask({ env }: ProviderDeps, method: string, path: string, body?: unknown): Promise<unknown> {
  const asked = { method, path, ...(body !== undefined && { body }) }
  const endpoint = endpointOf('secretmanager', env)
  return askJson(openCredentials(env), endpoint, asked, AbortSignal.timeout(limitMs))
}
