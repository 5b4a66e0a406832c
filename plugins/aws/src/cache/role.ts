import { contractError } from '@agentctl/contract'
import { type Aspect, absent, right } from './aspect.ts'
import { oncePresent, policyAspect, policyName, standingOf, unlessNone } from './identity.ts'
import { hasOwnerTag, identityName, ownerTag, trustPolicy } from './names.ts'
import { asking, type IdentityWork } from './place.ts'

/** A role that machines get by an instance profile: nobody has a key. */
export function roleAspects(work: IdentityWork): readonly Aspect[] {
  const name = identityName(work.bucket)
  return [
    roleAspect(work, name),
    policyAspect(work, 'Role', name),
    profileAspect(work, name),
    memberAspect(work, name),
  ]
}

function roleAspect(work: IdentityWork, name: string): Aspect {
  const { iam, owner } = work
  return {
    subject: 'role',
    want: name,
    read: () => standingOf(work, { what: `The role ${name}`, tags: () => roleTags(work, name) }),
    async write() {
      await asking(work, 'iam:CreateRole, iam:TagRole', `making the role ${name}`, options =>
        iam.createRole(
          {
            RoleName: name,
            AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
            Description: `The build cache ${work.bucket}, made by agentctl`,
            Tags: [ownerTag(owner)],
          },
          options,
        ),
      )
    },
  }
}

async function roleTags(work: IdentityWork, name: string) {
  const { Role } = await asking(work, 'iam:GetRole', `reading the role ${name}`, options =>
    work.iam.getRole({ RoleName: name }, options),
  )
  return Role?.Tags
}

async function readProfile(work: IdentityWork, name: string) {
  const { InstanceProfile } = await asking(
    work,
    'iam:GetInstanceProfile',
    `reading the instance profile ${name}`,
    options => work.iam.getInstanceProfile({ InstanceProfileName: name }, options),
  )
  return InstanceProfile
}

function profileAspect(work: IdentityWork, name: string): Aspect {
  const { iam, owner } = work
  return {
    subject: 'instance profile',
    want: name,
    read: () =>
      standingOf(work, {
        what: `The instance profile ${name}`,
        tags: async () => (await readProfile(work, name))?.Tags,
      }),
    async write() {
      const right = 'iam:CreateInstanceProfile, iam:TagInstanceProfile'
      await asking(work, right, `making the instance profile ${name}`, options =>
        iam.createInstanceProfile({ InstanceProfileName: name, Tags: [ownerTag(owner)] }, options),
      )
    },
  }
}

function memberAspect(work: IdentityWork, name: string): Aspect {
  return {
    subject: 'role in profile',
    want: name,
    async read() {
      const found = await unlessNone(() => readProfile(work, name))
      const [role] = found?.value?.Roles ?? []
      if (!role) return absent
      if (role.RoleName === name) return right
      throw contractError('not-owned', `The instance profile ${name} holds another role, ${role.RoleName}`, {
        hint: 'Take it out of the profile by hand, or choose another name for the bucket.',
      })
    },
    async write() {
      await oncePresent(work, () =>
        asking(work, 'iam:AddRoleToInstanceProfile, iam:PassRole', `putting the role into ${name}`, options =>
          work.iam.addRoleToInstanceProfile({ InstanceProfileName: name, RoleName: name }, options),
        ),
      )
    },
  }
}

/** Removes what carries the owner's tag; answers whether there was anything. */
export async function deleteRole(work: IdentityWork): Promise<boolean> {
  const name = identityName(work.bucket)
  const { iam, owner } = work
  const profile = (await unlessNone(() => readProfile(work, name)))?.value
  const hasProfile = hasOwnerTag(profile?.Tags, owner)
  if (hasProfile) {
    for (const { RoleName } of profile?.Roles ?? []) {
      await asking(work, 'iam:RemoveRoleFromInstanceProfile', `taking the role out of ${name}`, options =>
        iam.removeRoleFromInstanceProfile({ InstanceProfileName: name, RoleName }, options),
      )
    }
    await asking(work, 'iam:DeleteInstanceProfile', `deleting the instance profile ${name}`, options =>
      iam.deleteInstanceProfile({ InstanceProfileName: name }, options),
    )
  }
  const tags = (await unlessNone(() => roleTags(work, name)))?.value
  if (!hasOwnerTag(tags, owner)) return hasProfile
  await unlessNone(() =>
    asking(work, 'iam:DeleteRolePolicy', `deleting the policy of ${name}`, options =>
      iam.deleteRolePolicy({ RoleName: name, PolicyName: policyName }, options),
    ),
  )
  await asking(work, 'iam:DeleteRole', `deleting the role ${name}`, options =>
    iam.deleteRole({ RoleName: name }, options),
  )
  return true
}
