import { randomBytes } from 'node:crypto'
import { type Answer, ok, Refusal, refused } from './answers.ts'
import { project } from './inventory.ts'
import type { Asking, Service } from './services.ts'

/** A stand-in for the parts of Cloud Storage, IAM and Secret Manager that are used: shapes are not checked here. */

interface Bucket {
  [field: string]: unknown
  name: string
  /** In another project, closed to us. */
  isForeign?: boolean
}

export interface Stores {
  readonly buckets: Map<string, Bucket>
  /** Objects by bucket. */
  readonly objects: Map<string, { name: string; generation: string; content?: string }[]>
  readonly policies: Map<string, { etag: string; bindings: { role: string; members: string[] }[] }>
  /** By address. */
  readonly accounts: Map<string, { displayName?: string; description?: string; keys: string[] }>
  /** By `projects/P/secrets/S/versions/V`. */
  readonly secrets: Map<string, string>
  /** Requests that change something, in order. */
  readonly writes: string[]
  readonly service: Service
}

type Verbs = Readonly<Record<string, (match: readonly string[], asking: Asking) => Answer>>

export function createStores(): Stores {
  const buckets = new Map<string, Bucket>()
  const objects: Stores['objects'] = new Map()
  const policies: Stores['policies'] = new Map()
  const accounts: Stores['accounts'] = new Map()
  const secrets = new Map<string, string>()
  const secretNames = new Set<string>()
  const writes: string[] = []

  const bucketAt = (name = ''): Bucket => {
    const found = buckets.get(name)
    if (!found) throw new Refusal(404, 'notFound', 'The specified bucket does not exist.')
    if (found.isForeign) throw new Refusal(403, 'forbidden', 'storage.buckets.get access is missing.')
    return found
  }
  const accountAt = (email = '') => {
    const found = accounts.get(email)
    if (!found) throw new Refusal(404, 'notFound', `Service account ${email} does not exist.`)
    return found
  }
  /** Of a key that signs for itself: whether its account has the right to objects of the bucket. */
  const assertObjectUser = (bucket: string, authorization = '') => {
    const [, claims = ''] = authorization.split('.')
    const email = claims && JSON.parse(Buffer.from(claims, 'base64url').toString()).iss
    if (!accounts.has(email)) throw new Refusal(401, 'authError', 'Invalid Credentials')
    const member = `serviceAccount:${email}`
    if (policies.get(bucket)?.bindings.some(one => one.members.includes(member))) return
    throw new Refusal(403, 'forbidden', `${email} does not have storage.objects.create access.`)
  }
  const bodyOf = ({ text }: Asking) => JSON.parse(text || '{}')

  const verbs: Verbs = {
    'POST /storage/v1/b': (_, asking) => {
      const body = bodyOf(asking)
      if (buckets.has(body.name)) throw new Refusal(409, 'conflict', 'The bucket is there already.')
      buckets.set(body.name, { ...body, location: body.location.toUpperCase() })
      objects.set(body.name, [])
      policies.set(body.name, { etag: 'CAE=', bindings: [] })
      return ok(buckets.get(body.name))
    },
    'GET /storage/v1/b/([^/]+)': ([name]) => ok(bucketAt(name)),
    'PATCH /storage/v1/b/([^/]+)': ([name], asking) => ok(Object.assign(bucketAt(name), bodyOf(asking))),
    'DELETE /storage/v1/b/([^/]+)': ([name = '']) => {
      bucketAt(name)
      if ((objects.get(name) ?? []).length > 0) throw new Refusal(409, 'conflict', 'The bucket is not empty.')
      buckets.delete(name)
      return ok('')
    },
    'GET /storage/v1/b/([^/]+)/iam': ([name = '']) => ok(policies.get(bucketAt(name).name)),
    'PUT /storage/v1/b/([^/]+)/iam': ([name = ''], asking) => {
      const body = bodyOf(asking)
      if (body.etag !== policies.get(bucketAt(name).name)?.etag)
        throw new Refusal(412, 'conditionNotMet', 'etag')
      policies.set(name, { ...body, etag: randomBytes(3).toString('base64') })
      return ok(policies.get(name))
    },
    'GET /storage/v1/b/([^/]+)/o': ([name = '']) => {
      const all = objects.get(bucketAt(name).name) ?? []
      return ok({ items: all.slice(0, 2), ...(all.length > 2 && { nextPageToken: 'more' }) })
    },
    'POST /upload/storage/v1/b/([^/]+)/o': ([bucket = ''], { url, text, headers }) => {
      bucketAt(bucket)
      assertObjectUser(bucket, headers.authorization)
      const name = url.searchParams.get('name') ?? ''
      objects.set(bucket, [...(objects.get(bucket) ?? []), { name, generation: '1', content: text }])
      return ok({ name, bucket })
    },
    'GET /storage/v1/b/([^/]+)/o/([^/]+)': ([bucket = '', name = ''], { headers }) => {
      assertObjectUser(bucketAt(bucket).name, headers.authorization)
      const found = objects.get(bucket)?.find(one => one.name === decodeURIComponent(name))
      if (!found) throw new Refusal(404, 'notFound', 'No such object')
      return ok(found.content ?? '')
    },
    'DELETE /storage/v1/b/([^/]+)/o/([^/]+)': ([bucket = '', name = '']) => {
      const kept = (objects.get(bucketAt(bucket).name) ?? []).filter(
        one => one.name !== decodeURIComponent(name),
      )
      objects.set(bucket, kept)
      return ok('')
    },
    'POST /v1/projects/[^/]+/serviceAccounts': (_, asking) => {
      const { accountId, serviceAccount } = bodyOf(asking)
      if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(accountId)) throw new Refusal(400, 'invalid', 'accountId')
      const email = `${accountId}@${project}.iam.gserviceaccount.com`
      accounts.set(email, { ...serviceAccount, keys: [] })
      return ok({ email, ...serviceAccount })
    },
    'GET /v1/projects/[^/]+/serviceAccounts/([^/]+)': ([email]) => ok(accountAt(email)),
    'DELETE /v1/projects/[^/]+/serviceAccounts/([^/]+)': ([email = '']) => {
      accountAt(email)
      accounts.delete(email)
      return ok({})
    },
    'GET /v1/projects/[^/]+/serviceAccounts/([^/]+)/keys': ([email]) =>
      ok({ keys: accountAt(email).keys.map(name => ({ name })) }),
    'POST /v1/projects/[^/]+/serviceAccounts/([^/]+)/keys': ([email = '']) => {
      const id = randomBytes(8).toString('hex')
      const name = `projects/${project}/serviceAccounts/${email}/keys/${id}`
      accountAt(email).keys.push(name)
      const file = JSON.stringify({ type: 'service_account', private_key_id: id, private_key: `pem-${id}` })
      return ok({ name, privateKeyData: Buffer.from(file).toString('base64') })
    },
    'POST /v1/(projects/[^/]+/secrets)': ([place = ''], { url }) => {
      const name = `${place}/${url.searchParams.get('secretId')}`
      if (secretNames.has(name)) throw new Refusal(409, 'conflict', 'The secret is there already.')
      secretNames.add(name)
      return ok({ name })
    },
    'POST /v1/(projects/[^/]+/secrets/[^/:]+):addVersion': ([name = ''], asking) => {
      if (!secretNames.has(name)) throw new Refusal(404, 'notFound', `Secret ${name} not found.`)
      secrets.set(`${name}/versions/latest`, Buffer.from(bodyOf(asking).payload.data, 'base64').toString())
      return ok({ name: `${name}/versions/1` })
    },
    'GET /v1/(projects/[^/]+/secrets/[^/]+/versions/[^/]+):access': ([name = '']) => {
      const value = secrets.get(name)
      if (value === undefined) throw new Refusal(404, 'notFound', `Secret ${name} not found.`)
      return ok({ name, payload: { data: Buffer.from(value).toString('base64') } })
    },
  }
  const table = Object.entries(verbs).map(([key, answer]) => {
    const [method = '', pattern = ''] = key.split(' ')
    return { method, pattern: new RegExp(`^${pattern}$`), answer }
  })

  const service: Service = asking => {
    const { method, url } = asking
    const found = table.find(one => one.method === method && one.pattern.test(url.pathname))
    if (!found) return undefined
    if (method !== 'GET') writes.push(`${method} ${url.pathname}`)
    try {
      return found.answer(found.pattern.exec(url.pathname)?.slice(1) ?? [], asking)
    } catch (error) {
      if (error instanceof Refusal) return refused(error)
      throw error
    }
  }
  return { buckets, objects, policies, accounts, secrets, writes, service }
}
