import type { CacheWish } from '@agentctl/contract'
import { identityName } from '../cache/names.ts'
import { secretPlace } from '../secrets.ts'
import { allow, type Statement } from './statement.ts'

/** Secrets that are read by reference. */
export function secretRights(partition: string, refs: readonly string[]): readonly Statement[] {
  const places = refs.flatMap(ref => secretPlace(ref) ?? [])
  const arns = (store: string, arnOf: (name: string) => string) =>
    places
      .filter(place => place.store === store)
      .map(({ name }) => (name.startsWith('arn:') ? name : arnOf(name)))
  return [
    ...allow(
      'Parameters',
      ['ssm:GetParameter'],
      arns('aws-ssm', name => `arn:${partition}:ssm:*:*:parameter/${name.replace(/^\//, '')}`),
    ),
    ...allow(
      'Secrets',
      ['secretsmanager:GetSecretValue'],
      // Six characters of AWS's own end a secret's ARN.
      arns('aws-secretsmanager', name => `arn:${partition}:secretsmanager:*:*:secret:${name}-??????`),
    ),
  ]
}

/** One folder in each bucket: to write the tokens, and to sign URLs that read them. */
export function tokenRights(
  partition: string,
  owner: string,
  buckets: readonly string[],
): readonly Statement[] {
  const arns = buckets.map(bucket => `arn:${partition}:s3:::${bucket}`)
  return [
    ...allow('FindTokenBuckets', ['s3:ListBucket'], arns),
    ...allow(
      'Tokens',
      ['s3:PutObject', 's3:GetObject'],
      arns.map(arn => `${arn}/agentctl/${owner}/*`),
    ),
  ]
}

const bucketActions = [
  's3:CreateBucket',
  's3:DeleteBucket',
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:ListBucketMultipartUploads',
  's3:GetBucketTagging',
  's3:PutBucketTagging',
  's3:TagResource',
  's3:GetBucketPublicAccessBlock',
  's3:PutBucketPublicAccessBlock',
  's3:GetEncryptionConfiguration',
  's3:PutEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:PutLifecycleConfiguration',
]
const objectActions = ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:AbortMultipartUpload']
const roleActions = [
  'iam:GetRole',
  'iam:CreateRole',
  'iam:TagRole',
  'iam:DeleteRole',
  'iam:GetRolePolicy',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:PassRole',
]
const profileActions = [
  'iam:GetInstanceProfile',
  'iam:CreateInstanceProfile',
  'iam:TagInstanceProfile',
  'iam:AddRoleToInstanceProfile',
  'iam:RemoveRoleFromInstanceProfile',
  'iam:DeleteInstanceProfile',
]
const userActions = [
  'iam:GetUser',
  'iam:CreateUser',
  'iam:TagUser',
  'iam:DeleteUser',
  'iam:GetUserPolicy',
  'iam:PutUserPolicy',
  'iam:DeleteUserPolicy',
  'iam:ListAccessKeys',
  'iam:CreateAccessKey',
  'iam:DeleteAccessKey',
]

/** To make, show and delete a cache; to show and to delete one looks for both a role and a user. */
export function cacheRights(
  partition: string,
  { bucket, access }: Pick<CacheWish, 'bucket' | 'access'>,
): readonly Statement[] {
  const name = identityName(bucket)
  const arn = `arn:${partition}:s3:::${bucket}`
  return [
    ...allow('CacheBucket', bucketActions, [arn]),
    ...allow('CacheContent', objectActions, [`${arn}/*`]),
    ...allow('CacheRole', access === 'role' ? roleActions : ['iam:GetRole'], [
      `arn:${partition}:iam::*:role/${name}`,
    ]),
    ...allow('CacheProfile', access === 'role' ? profileActions : ['iam:GetInstanceProfile'], [
      `arn:${partition}:iam::*:instance-profile/${name}`,
    ]),
    ...allow('CacheUser', access === 'key' ? userActions : ['iam:GetUser'], [
      `arn:${partition}:iam::*:user/${name}`,
    ]),
  ]
}
