import type { CacheKey } from '@agentctl/contract'
import type { AccessKeyMetadata } from '../storage/sdk.ts'
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
      await oncePresent(work, async () => {
        const { AccessKey } = await asking(
          work,
          'iam:CreateAccessKey',
          `making an access key for ${name}`,
          options => work.iamOnce.createAccessKey({ UserName: name }, options),
        )
        const { AccessKeyId: id = '', SecretAccessKey: secret = '' } = AccessKey ?? {}
        onKey({ id, file: credentialsFile(id, secret) })
      })
    },
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
