import { type Answer, ok } from './answers.ts'
import { type Cloud, keyOf, tenant } from './cloud.ts'

export interface Plain {
  readonly method: string
  readonly url: URL
  readonly text: string
  readonly authorization: string | undefined
  readonly base: string
}
/** Undefined where it is asked for something else. */
export type Service = (cloud: Cloud, ask: Plain) => Answer | undefined

export const accessToken = 'emulated-access-token'
export const clientSecret = 'emulated-client-secret'

/** Microsoft Entra ID, as far as `@azure/identity` asks it. */
const login: Service = (_, { method, url, text, base }) => {
  if (method === 'GET' && url.pathname === `/${tenant}/v2.0/.well-known/openid-configuration`) {
    const at = `${base}/${tenant}`
    return ok({
      issuer: `${at}/v2.0`,
      token_endpoint: `${at}/oauth2/v2.0/token`,
      authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
      jwks_uri: `${at}/discovery/v2.0/keys`,
    })
  }
  if (method !== 'POST' || url.pathname !== `/${tenant}/oauth2/v2.0/token`) return undefined
  if (new URLSearchParams(text).get('client_secret') !== clientSecret) {
    const description = 'AADSTS7000215: Invalid client secret provided.'
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: description, error_codes: [7000215] },
    }
  }
  return ok({ token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token: accessToken })
}

/** The blobs of boot diagnostics, which are for whoever has their URL. */
const diagnostics: Service = ({ machines }, { method, url }) => {
  const [, group, name] = /^\/diagnostics\/([^/]+)\/([^/]+)\/serial$/.exec(url.pathname) ?? []
  if (method !== 'GET' || group === undefined || name === undefined) return undefined
  if (url.searchParams.get('sig') !== 'sas-secret') return { status: 403, body: 'AuthenticationFailed' }
  const machine = machines.get(keyOf(group, name))
  return machine && machine.console !== ''
    ? { status: 200, body: machine.console }
    : { status: 404, body: 'BlobNotFound' }
}

/** A Key Vault: it says first whose token it wants. */
const vault: Service = ({ secrets }, { method, url, text, authorization, base }) => {
  const [, name] = /^\/secrets\/([^/]+)(?:\/[^/]*)?$/.exec(url.pathname) ?? []
  if (!['GET', 'PUT'].includes(method) || name === undefined) return undefined
  if (authorization !== `Bearer ${accessToken}`) {
    const challenge = `Bearer authorization="${base}/${tenant}", resource="https://vault.azure.net"`
    const error = { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' }
    return { status: 401, body: { error }, headers: { 'www-authenticate': challenge } }
  }
  const value = secrets.get(name)
  if (value === undefined && method === 'GET') {
    const error = { code: 'SecretNotFound', message: `A secret with (name/id) ${name} was not found.` }
    return { status: 404, body: { error } }
  }
  if (value === 'forbidden') {
    const error = { code: 'Forbidden', message: 'Caller is not authorized to perform action.' }
    return { status: 403, body: { error } }
  }
  if (method === 'PUT') secrets.set(name, JSON.parse(text).value)
  return ok({ value: secrets.get(name), id: `${base}/secrets/${name}/1`, attributes: { enabled: true } })
}

export const services: readonly Service[] = [login, diagnostics, vault]
