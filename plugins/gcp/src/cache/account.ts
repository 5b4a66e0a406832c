import { createHash } from 'node:crypto'
import { type CacheKey, contractError, tagNames } from '@agentctl/contract'
import { z } from 'zod'
import type { Aspect } from './aspect.ts'
import type { CacheWork } from './work.ts'

/** Objects of a bucket to read, list, write and delete, and nothing of the bucket itself. */
const role = 'roles/storage.objectUser'

/** A service account's id has 6 to 30 characters, and a bucket's name up to 63. */
export function accountEmail({ bucket, project }: Pick<CacheWork, 'bucket' | 'project'>): string {
  const digest = createHash('sha256').update(bucket).digest('hex').slice(0, 15)
  return `agentctl-cache-${digest}@${project}.iam.gserviceaccount.com`
}

function pathOf(work: CacheWork): string {
  return `/projects/${work.project}/serviceAccounts/${accountEmail(work)}`
}

const account = z.object({ description: z.string().default('') })

/** Accounts have no labels: the owner stands in the description. @throws `not-owned` */
export async function hasAccount(work: CacheWork): Promise<boolean> {
  const told = await work.iam('GET', pathOf(work))
  if (told === undefined) return false
  if (account.parse(told).description === ownerMark(work)) return true
  throw contractError(
    'not-owned',
    `The service account ${accountEmail(work)} is not of the owner ${work.owner}`,
    {
      hint: 'Choose another name for the bucket, from which its name is made.',
    },
  )
}

function ownerMark({ owner }: CacheWork): string {
  return `${tagNames.owner}=${owner}`
}

function accountAspect(work: CacheWork): Aspect {
  const email = accountEmail(work)
  return {
    subject: 'service account',
    want: email,
    read: async () => ((await hasAccount(work)) ? 'right' : 'missing'),
    async write() {
      await work.iam('POST', `/projects/${work.project}/serviceAccounts`, {
        accountId: email.split('@')[0],
        serviceAccount: { displayName: `Cache ${work.bucket}`, description: ownerMark(work) },
      })
    },
  }
}

const policy = z.looseObject({
  bindings: z
    .array(z.looseObject({ role: z.string(), members: z.array(z.string()).default([]) }))
    .default([]),
})

function bindingAspect(work: CacheWork): Aspect {
  const member = `serviceAccount:${accountEmail(work)}`
  const path = `/b/${work.bucket}/iam`
  const read = async () =>
    policy.parse((await work.storage('GET', `${path}?optionsRequestedPolicyVersion=3`)) ?? {})
  return {
    subject: 'rights',
    want: `${role} on this bucket alone`,
    async read() {
      const { bindings } = await read()
      const isThere = bindings.some(
        one => one.role === role && one.members.includes(member) && one.condition === undefined,
      )
      return isThere ? 'right' : 'missing'
    },
    async write() {
      const found = await read()
      const bindings = [...found.bindings, { role, members: [member] }]
      // With the etag that was read, so that a change in between is not undone.
      await work.storage('PUT', path, { ...found, bindings })
    },
  }
}

const keys = z.object({ keys: z.array(z.object({ name: z.string() })).default([]) })
const newKey = z.object({ name: z.string(), privateKeyData: z.string() })

function keyAspect(work: CacheWork, onKey: (key: CacheKey) => void): Aspect {
  return {
    subject: 'key',
    want: 'one, known to whoever made it',
    async read() {
      const told = await work.iam('GET', `${pathOf(work)}/keys?keyTypes=USER_MANAGED`)
      return keys.parse(told ?? {}).keys.length > 0 ? 'right' : 'missing'
    },
    async write() {
      const { name, privateKeyData } = newKey.parse(await work.iam('POST', `${pathOf(work)}/keys`, {}))
      onKey({ id: name.split('/').at(-1) ?? name, file: Buffer.from(privateKeyData, 'base64').toString() })
    },
  }
}

/** In the order in which they are made. */
export function accountAspects(
  work: CacheWork,
  access: 'role' | 'key',
  onKey: (key: CacheKey) => void = () => undefined,
): readonly Aspect[] {
  const both = [accountAspect(work), bindingAspect(work)]
  return access === 'key' ? [...both, keyAspect(work, onKey)] : both
}

export async function hasKey(work: CacheWork): Promise<boolean> {
  return (await keyAspect(work, () => undefined).read()) === 'right'
}

/** With its keys. Answers whether there was one. */
export async function deleteAccount(work: CacheWork): Promise<boolean> {
  if (!(await hasAccount(work))) return false
  await work.iam('DELETE', pathOf(work))
  return true
}
