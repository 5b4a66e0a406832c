import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, ok } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { project } from './inventory.ts'

export interface Asking {
  readonly method: string
  readonly url: URL
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

/** Something that is asked besides Compute Engine; undefined for what it does not know. */
export type Service = (asking: Asking) => Answer | undefined | Promise<Answer | undefined>

const account = '/computeMetadata/v1/instance/service-accounts/'

/** A stand-in for the metadata service that gives a controller on Google Cloud its token. */
export const metadataService: Service = ({ url }) => {
  const { pathname } = url
  if (pathname === '/' || pathname === '/computeMetadata/v1/instance') return ok('{}')
  if (pathname === '/computeMetadata/v1/project/project-id') return ok(project)
  if (pathname === '/computeMetadata/v1/universe/universe-domain') return ok('googleapis.com')
  if (pathname.startsWith(account) && pathname.endsWith('/token')) {
    return ok({ access_token: 'stand-in-access-token', expires_in: 3600, token_type: 'Bearer' })
  }
  return undefined
}

/** A stand-in for Resource Manager: which of the asked permissions the caller has. */
export function permissionService({ knobs }: Cloud): Service {
  return ({ method, url, text }) => {
    if (method !== 'POST' || url.pathname !== `/v3/projects/${project}:testIamPermissions`) return undefined
    const { permissions = [] } = JSON.parse(text) as { permissions?: string[] }
    return ok({ permissions: permissions.filter(one => !knobs.missingPermissions.has(one)) })
  }
}
