import { contractError, type ProviderDeps } from '@agentctl/contract'
import { importAuth } from './sdk.ts'

/** Whatever authorizes requests: Google's own default chain, or a token that is given. */
export interface Credentials {
  /** Headers for a request. @throws `unauthenticated` */
  headers(url: string): Promise<Headers>
  /** As `fetch`, with the headers of this client, and its proxies. */
  fetch(url: string, init: object): Promise<Response>
}

const scope = 'https://www.googleapis.com/auth/cloud-platform'
const hint =
  'Log in with "gcloud auth application-default login", name a file in GOOGLE_APPLICATION_CREDENTIALS (workload identity federation needs no key), or run where a service account is attached.'

/**
 * Opened at the first request. `GOOGLE_OAUTH_ACCESS_TOKEN` is used as it is where it is set; otherwise Google's
 * default chain decides, which reads the environment of the process itself.
 */
export function openCredentials(env: ProviderDeps['env']): Credentials {
  let opening: ReturnType<typeof open> | undefined
  const client = () => {
    opening ??= open(env).catch(error => {
      opening = undefined
      throw unauthenticated(error)
    })
    return opening
  }
  return {
    async headers(url) {
      const { getHeaders } = await client()
      return getHeaders(url).catch(error => {
        throw unauthenticated(error)
      })
    },
    fetch: async (url, init) => (await client()).fetch(url, init),
  }
}

/**
 * Those of a credentials file, such as a service account's key. A key signs for itself, as in Google's own client for
 * Go: no token is fetched first. @throws `unauthenticated` with the first request for what is no such file
 */
export function credentialsOf(file: string): Credentials {
  const opening = openFile(file).catch(cause => {
    // What JSON.parse says may repeat the file.
    const hint = 'Give the whole JSON file of a service account key, as Google made it.'
    const kept = cause instanceof SyntaxError ? {} : { cause }
    throw contractError('unauthenticated', 'The file with the credentials cannot be used', { hint, ...kept })
  })
  // Told by the first request.
  opening.catch(() => undefined)
  return {
    headers: async url => (await opening).getRequestHeaders(url) as Promise<Headers>,
    fetch: async (url, init) => (await (await opening).fetch(url, init)) as unknown as Response,
  }
}

async function openFile(file: string) {
  const { GoogleAuth, JWT } = await importAuth()
  const client = await new GoogleAuth({ scopes: [scope], credentials: JSON.parse(file) }).getClient()
  if (client instanceof JWT) client.useJWTAccessWithScope = true
  return client
}

async function open(env: ProviderDeps['env']) {
  const { GoogleAuth, OAuth2Client } = await importAuth()
  const token = env.GOOGLE_OAUTH_ACCESS_TOKEN
  const given = token ? new OAuth2Client() : undefined
  given?.setCredentials({ access_token: token ?? '' })
  const auth = given ?? (await new GoogleAuth({ scopes: [scope] }).getClient())
  return {
    getHeaders: (url: string) => auth.getRequestHeaders(url) as Promise<Headers>,
    fetch: async (url: string, init: object) => (await auth.fetch(url, init)) as unknown as Response,
  }
}

function unauthenticated(cause: unknown) {
  return contractError('unauthenticated', 'No credentials for Google Cloud could be had', { hint, cause })
}
