import { contractError, isContractError } from '@agentctl/contract'
import { isNamed } from '../storage/errors.ts'
import type { Tag } from '../storage/sdk.ts'
import { type Aspect, absent, right, type Standing } from './aspect.ts'
import { cachePolicy, hasOwnerTag, isSamePolicy } from './names.ts'
import { asking, type IdentityWork } from './place.ts'

/** Name of the inline policy: it goes with the role or the user that it is on. */
const policyName = 'cache'
/** What IAM has just made it may not know yet. Unit: milliseconds. */
const settleMs = 1_000
const triesMax = 8

export interface IdentityCalls {
  /** Such as `the role agentctl-cache-acme`. */
  readonly what: string
  /** Rejects with `NoSuchEntity` where there is none. */
  readonly tags: () => Promise<readonly Tag[] | undefined>
}

/** Whether a role, a profile or a user is there, and the owner's. @throws `not-owned` */
export async function standingOf({ owner }: IdentityWork, { what, tags }: IdentityCalls): Promise<Standing> {
  const found = await unlessNone(tags)
  if (found === undefined) return absent
  if (hasOwnerTag(found.value, owner)) return right
  throw contractError('not-owned', `${what} is there already, without a tag of the owner ${owner}`, {
    hint: 'Choose another name for the bucket, or remove what is there by hand.',
  })
}

/** Undefined where IAM knows nothing of that name. */
export async function unlessNone<T>(read: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await read() }
  } catch (error) {
    if (isContractError(error) && isNamed(error.cause, 'NoSuchEntity', 'NoSuchEntityException'))
      return undefined
    throw error
  }
}

/** IAM answers before all of it knows what was made: what it does not know yet is asked for again for a while. */
export async function oncePresent<T>({ clock, call }: IdentityWork, write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const done = await (tries < triesMax ? unlessNone(write) : write().then(value => ({ value })))
    if (done) return done.value
    await clock.sleep(settleMs, call.signal)
  }
}

/** The rights of a role or a user, as an inline policy. */
export function policyAspect(work: IdentityWork, kind: 'Role' | 'User', name: string): Aspect {
  const { iam, bucket, region } = work
  const policy = cachePolicy(bucket, region)
  const what = `the policy of ${name}`
  const at = { PolicyName: policyName }
  const document = async (): Promise<string | undefined> => {
    const found = await unlessNone(() =>
      asking<{ PolicyDocument?: string | undefined }>(
        work,
        `iam:Get${kind}Policy`,
        `reading ${what}`,
        options =>
          kind === 'Role'
            ? iam.getRolePolicy({ ...at, RoleName: name }, options)
            : iam.getUserPolicy({ ...at, UserName: name }, options),
      ),
    )
    return found?.value.PolicyDocument
  }
  return {
    subject: 'policy',
    want: `put, get, list and delete in ${bucket} only`,
    async read() {
      const found = await document()
      if (found === undefined) return absent
      return isSamePolicy(found, policy)
        ? right
        : { isThere: true, isRight: false, detail: 'says something else' }
    },
    async write() {
      const put = { ...at, PolicyDocument: JSON.stringify(policy) }
      await oncePresent(work, () =>
        asking<unknown>(work, `iam:Put${kind}Policy`, `writing ${what}`, options =>
          kind === 'Role'
            ? iam.putRolePolicy({ ...put, RoleName: name }, options)
            : iam.putUserPolicy({ ...put, UserName: name }, options),
        ),
      )
    },
  }
}

export { policyName }
