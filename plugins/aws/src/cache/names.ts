import { createHash } from 'node:crypto'
import { tagNames } from '@agentctl/contract'

/** Longest name of a role or a user. Source: "IAM and STS quotas", IAM user guide, 2026-11. */
const nameMax = 64
const prefix = 'agentctl-cache-'

/** Of the role, the instance profile or the user that belongs to a bucket, whose own name may be as long. */
export function identityName(bucket: string): string {
  if (prefix.length + bucket.length <= nameMax) return prefix + bucket
  const digest = createHash('sha256').update(bucket).digest('hex').slice(0, 8)
  return `${prefix}${bucket.slice(0, nameMax - prefix.length - digest.length - 1)}-${digest}`
}

export interface OwnerTag {
  readonly Key: string
  readonly Value: string
}

export function ownerTag(owner: string): OwnerTag {
  return { Key: tagNames.owner, Value: owner }
}

interface AnyTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

export function hasOwnerTag(tags: readonly AnyTag[] | undefined, owner: string): boolean {
  return tags?.some(({ Key, Value }) => Key === tagNames.owner && Value === owner) ?? false
}

/** `aws-cn` and `aws-us-gov` have names and endpoints of their own. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** What the cache tool needs, and nothing else: objects of this bucket to read, write, list and delete. */
export function cachePolicy(bucket: string, region: string) {
  const arn = `arn:${partitionOf(region)}:s3:::${bucket}`
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CacheObjects',
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
        Resource: `${arn}/*`,
      },
      { Sid: 'CacheList', Effect: 'Allow', Action: 's3:ListBucket', Resource: arn },
    ],
  }
}

export const trustPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

/** Policies are compared as what they say: IAM gives them back as URL-encoded text, with blanks of its own. */
export function isSamePolicy(document: string | undefined, policy: unknown): boolean {
  if (document === undefined) return false
  try {
    return JSON.stringify(JSON.parse(decodeURIComponent(document))) === JSON.stringify(policy)
  } catch {
    return false
  }
}
