import type { Passed } from '../clouds/aws/front.ts'

const services: Readonly<Record<string, string>> = {
  '2016-11-15': 'ec2',
  '2010-05-08': 'iam',
  '2011-06-15': 'sts',
}
const verbs: Readonly<Record<string, string>> = {
  GetParameter: 'ssm',
  GetSecretValue: 'secretsmanager',
  GetServiceQuota: 'servicequotas',
}

/** By method and what is asked of the bucket. Source: "Actions defined by Amazon S3", 2026-11. */
const ofBucket: Readonly<Record<string, string>> = {
  HEAD: 'ListBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
  'GET tagging': 'GetBucketTagging',
  'PUT tagging': 'PutBucketTagging',
  'GET publicAccessBlock': 'GetBucketPublicAccessBlock',
  'PUT publicAccessBlock': 'PutBucketPublicAccessBlock',
  'GET encryption': 'GetEncryptionConfiguration',
  'PUT encryption': 'PutEncryptionConfiguration',
  'GET lifecycle': 'GetLifecycleConfiguration',
  'PUT lifecycle': 'PutLifecycleConfiguration',
  'GET versions': 'ListBucketVersions',
  'GET uploads': 'ListBucketMultipartUploads',
  'POST delete': 'DeleteObject',
}
const ofObject: Readonly<Record<string, string>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  'DELETE uploadId': 'AbortMultipartUpload',
}
/** Says how, not what. */
const silent = /^(x-id|x-amz-.*|max-keys|prefix|encoding-type)$/i

/** The right that a call takes, such as `ec2:RunInstances`; undefined for what takes none. */
export function rightOf({ action, method, params, query }: Passed): string | undefined {
  if (!action.startsWith('/')) {
    const service = services[params.get('Version') ?? ''] ?? verbs[action]
    if (service === undefined) throw new Error(`whose action is ${action}?`)
    return service === 'sts' ? undefined : `${service}:${action}`
  }
  const isObject = /^\/[^/]+\/./.test(action)
  const about = [...query.keys()].filter(key => !silent.test(key))
  const known = isObject ? ofObject : ofBucket
  const found = known[[method, ...about.slice(0, 1)].join(' ')]
  if (found === undefined) throw new Error(`which right does ${method} ${action}?${about} take?`)
  return `s3:${found}`
}
