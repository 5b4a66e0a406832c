import { type CacheKey, contractError, hasCode } from '@agentctl/contract'
import type { AccessKey, AccessKeyMetadata } from '../storage/sdk.ts'
import { type Aspect, absent } from './aspect.ts'
import { oncePresent, policyAspect, policyName, standingOf, unlessNone } from './identity.ts'
import { hasOwnerTag, identityName, ownerTag } from './names.ts'
import { asking, type IdentityWork } from './place.ts'
import { credentialsFile } from './settings.ts'

/** A user of its own with an access key, for machines that are not at AWS. The key's secret goes to `onKey` alone. */
export function userAspects(work: IdentityWork, onKey: (key: CacheKey) => void): readonly Aspect[] {
  const name = identityName(work.bucket)
  return [userAspect(work, name), policyAspect(work, 'User', name), keyAspect(work, name, onKey)]
}

function userAspect(work: IdentityWork, name: string): Aspect {
  const { iam, owner } = work
  return {
    subject: 'user',
    want: name,
    read: () => standingOf(work, { what: `The user ${name}`, tags: () => userTags(work, name) }),
    async write() {
      await asking(work, 'iam:CreateUser, iam:TagUser', `making the user ${name}`, options =>
        iam.createUser({ UserName: name, Tags: [ownerTag(owner)] }, options),
      )
    },
  }
}

async function userTags(work: IdentityWork, name: string) {
  const { User } = await asking(work, 'iam:GetUser', `reading the user ${name}`, options =>
    work.iam.getUser({ UserName: name }, options),
  )
  return User?.Tags
}

async function keysOf(work: IdentityWork, name: string): Promise<readonly AccessKeyMetadata[]> {
  const found = await unlessNone(() =>
    asking(work, 'iam:ListAccessKeys', `listing the access keys of ${name}`, options =>
      work.iam.listAccessKeys({ UserName: name }, options),
    ),
  )
  return found?.value.AccessKeyMetadata ?? []
}

/** A key that is there stays the only one: its secret cannot be read again, and a second one would be nobody's. */
function keyAspect(work: IdentityWork, name: string, onKey: (key: CacheKey) => void): Aspect {
  return {
    subject: 'access key',
    want: 'one, whose secret is told when it is made and never again',
    async read() {
      const keys = await keysOf(work, name)
      if (keys.length === 0) return absent
      const isActive = keys.some(key => key.Status === 'Active')
      return { isThere: true, isRight: true, ...(!isActive && { detail: 'switched off in IAM' }) }
    },
    async write() {
      const { AccessKeyId: id = '', SecretAccessKey: secret = '' } = await oncePresent(work, () =>
        makeKey(work, name),
      )
      onKey({ id, file: credentialsFile(id, secret) })
    },
  }
}

/** @throws `outcome-unknown` where there may be a key now whose secret nobody has */
async function makeKey(work: IdentityWork, name: string): Promise<Partial<AccessKey>> {
  const what = `making an access key for ${name}`
  try {
    const { AccessKey: made } = await asking(work, 'iam:CreateAccessKey', what, options =>
      work.iamOnce.createAccessKey({ UserName: name }, options),
    )
    return made ?? {}
  } catch (error) {
    if (!hasCode(error, 'unavailable')) throw error
    throw contractError('outcome-unknown', `Whether ${name} has an access key now is not known`, {
      hint: `Delete its access key in IAM, where there is one, and run the same command again.`,
      cause: error,
    })
  }
}

/** Removes the user with its keys where it carries the owner's tag; answers whether there was one. */
export async function deleteUser(work: IdentityWork): Promise<boolean> {
  const name = identityName(work.bucket)
  const { iam, owner } = work
  const tags = (await unlessNone(() => userTags(work, name)))?.value
  if (!hasOwnerTag(tags, owner)) return false
  for (const { AccessKeyId } of await keysOf(work, name)) {
    await asking(work, 'iam:DeleteAccessKey', `deleting the access key of ${name}`, options =>
      iam.deleteAccessKey({ UserName: name, AccessKeyId }, options),
    )
  }
  await unlessNone(() =>
    asking(work, 'iam:DeleteUserPolicy', `deleting the policy of ${name}`, options =>
      iam.deleteUserPolicy({ UserName: name, PolicyName: policyName }, options),
    ),
  )
  await asking(work, 'iam:DeleteUser', `deleting the user ${name}`, options =>
    iam.deleteUser({ UserName: name }, options),
  )
  return true
}
