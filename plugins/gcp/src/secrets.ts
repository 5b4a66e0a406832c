import { contractError, type ProviderDeps } from '@agentctl/contract'
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
  const { settings, env, clock } = deps
  const path = secretPath(ref, parseSettings(settings, env).project)
  if (path === undefined) {
    throw contractError('invalid-spec', `${ref} is no reference to a secret`, {
      hint: 'It is gcp-secret:projects/PROJECT/secrets/NAME/versions/latest.',
    })
  }
  try {
    const endpoint = endpointOf('secretmanager', env)
    const asked = { method: 'GET', path: `/v1/${path}:access` }
    const told = await askJson(openCredentials(env), endpoint, asked, AbortSignal.timeout(limitMs))
    return Buffer.from(answer.parse(told).payload.data, 'base64').toString()
  } catch (error) {
    if (isNotFound(error)) {
      throw contractError('invalid-spec', `There is no secret ${path}`, {
        hint: 'Check project, name and version: gcloud secrets versions list NAME --project PROJECT.',
      })
    }
    throw toContractError(error, `reading ${ref}`, clock.now())
  }
}
