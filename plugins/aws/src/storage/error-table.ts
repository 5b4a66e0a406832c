import type { ErrorCode } from '@agentctl/contract'

export interface Row {
  /** By the error's name, or by the status of the answer. */
  readonly names?: readonly string[]
  readonly status?: number
  readonly code: ErrorCode
  readonly why: string
  readonly hint?: string
}

const credentialsHint =
  'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in anew: aws sso login.'

/**
 * Errors of S3, IAM, STS, Systems Manager and Secrets Manager, and what they ask for; the first row that fits decides.
 * Sources: "Error responses" of the S3 API reference, "Common errors" of the IAM, STS, SSM and Secrets Manager API
 * references, 2026-11.
 */
export const errorTable: readonly Row[] = [
  {
    names: ['CredentialsProviderError', 'CredentialsError', 'TokenProviderError'],
    code: 'unauthenticated',
    why: 'there are no credentials for AWS',
    hint: credentialsHint,
  },
  {
    names: [
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'InvalidToken',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
      'IncompleteSignature',
      'AuthFailure',
    ],
    code: 'unauthenticated',
    why: 'the credentials are wrong or have expired',
    hint: credentialsHint,
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestExpired'],
    code: 'unauthenticated',
    why: 'the clock of this machine is wrong',
    hint: 'Set the clock; AWS takes requests within 15 minutes of its own.',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'AllAccessDisabled', 'UnauthorizedOperation'],
    code: 'permission-denied',
    why: 'a right is missing',
  },
  {
    names: ['BucketAlreadyExists'],
    code: 'not-owned',
    why: 'a bucket of that name belongs to somebody else',
    hint: 'Names of buckets are the same for all of AWS: choose another one.',
  },
  {
    names: ['NoSuchBucket'],
    code: 'invalid-spec',
    why: 'there is no such bucket',
    hint: 'agentctl cache create --access none makes one.',
  },
  {
    names: ['InvalidBucketName', 'IllegalLocationConstraintException', 'InvalidLocationConstraint'],
    code: 'invalid-spec',
    why: 'the name or the region of the bucket is not right',
  },
  {
    names: ['ParameterNotFound', 'ParameterVersionNotFound', 'ResourceNotFoundException'],
    code: 'invalid-spec',
    why: 'there is none of that name in that region',
    hint: 'Check its name, and AWS_REGION.',
  },
  {
    names: [
      'InvalidKeyId',
      'DecryptionFailure',
      'KMSInvalidStateException',
      'InvalidParameterException',
      'ValidationException',
    ],
    code: 'invalid-spec',
    why: 'AWS does not take the request',
  },
  {
    names: ['TooManyBuckets', 'LimitExceeded', 'LimitExceededException'],
    code: 'quota-exceeded',
    why: 'a limit of the account is reached',
    hint: 'Remove what is not needed any more, or have the limit raised in Service Quotas.',
  },
  {
    names: ['DeleteConflict', 'DeleteConflictException', 'BucketNotEmpty'],
    code: 'conflict',
    why: 'something was added that agentctl did not make',
    hint: 'Take it off, then run the same command again.',
  },
  {
    names: ['NotImplemented', 'XNotImplemented', 'MethodNotAllowed'],
    code: 'unsupported',
    why: 'the store does not have that',
  },
  {
    names: [
      'SlowDown',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
    ],
    code: 'rate-limited',
    why: 'there were too many requests',
  },
  {
    names: [
      'OperationAborted',
      'ConcurrentModification',
      'ConcurrentModificationException',
      'EntityTemporarilyUnmodifiable',
    ],
    code: 'unavailable',
    why: 'the same thing is being changed by somebody else',
  },
  {
    names: [
      'TimeoutError',
      'NetworkingError',
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ETIMEDOUT',
    ],
    code: 'unavailable',
    why: 'AWS could not be reached',
    hint: 'Check the network, the region, and AWS_ENDPOINT_URL where it is set.',
  },
  { status: 401, code: 'unauthenticated', why: 'the credentials are not taken', hint: credentialsHint },
  { status: 403, code: 'permission-denied', why: 'a right is missing' },
  { status: 501, code: 'unsupported', why: 'the store does not have that' },
  { status: 405, code: 'unsupported', why: 'the store does not have that' },
  { status: 429, code: 'rate-limited', why: 'there were too many requests' },
  { status: 500, code: 'unavailable', why: 'AWS could not do it' },
  { status: 502, code: 'unavailable', why: 'AWS did not answer' },
  { status: 503, code: 'unavailable', why: 'AWS is not ready' },
  { status: 504, code: 'unavailable', why: 'AWS did not answer' },
]
