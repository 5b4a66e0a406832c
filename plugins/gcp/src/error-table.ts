import type { ErrorCode } from '@agentctl/contract'

/** Which faults a row fits, and what it says of them. */
export interface Row {
  /** Matches one of Google's short words: an error's reason, or the code of an operation's error. */
  readonly reason?: RegExp
  /** Matches Google's sentence. */
  readonly text?: RegExp
  /** HTTP status of the answer. */
  readonly status?: number
  readonly code: ErrorCode
  readonly why: string
  readonly hint?: string
  /** `next-minute`: quotas of calls are counted in fixed minutes. */
  readonly retryAfterMs?: number | 'next-minute'
}

const rightsHint =
  'Give the controller the role that "agentctl providers policy gcp" prints; the message names the permission.'
const quotaHint = 'Ask for more under "Quotas" of the project, or lower capacity: max.'
const specHint = 'Google names the field; correct it in spec:.'

/**
 * What Google's errors ask for; the first row that fits decides, one that none fits is `internal`.
 * Sources: https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-vm-creation,
 * https://cloud.google.com/compute/api-quota, https://cloud.google.com/compute/operations-quota, read 2026-11-23.
 */
export const errorTable: readonly Row[] = [
  {
    // The kin: _WITH_DETAILS, STOCKOUT of regions and reservations.
    reason: /^(ZONE|REGION)_RESOURCE_POOL_EXHAUSTED|^RESOURCE_POOL_EXHAUSTED|STOCKOUT/i,
    code: 'capacity-unavailable',
    why: 'the zone has no such machine now',
  },
  {
    reason: /^(IP_SPACE_EXHAUSTED|IP_EXHAUSTED)/i,
    code: 'capacity-unavailable',
    why: 'the subnetwork has no address left',
    hint: 'Use a larger subnetwork, or fewer machines at once.',
  },
  {
    reason: /^CONCURRENT_OPERATIONS_QUOTA_EXCEEDED$/,
    code: 'rate-limited',
    why: 'too many operations of the project are under way',
    retryAfterMs: 5_000,
  },
  {
    reason:
      /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED|RESOURCE_OPERATION_RATE_EXCEEDED)$/,
    code: 'rate-limited',
    why: 'the calls of this minute are used up',
    retryAfterMs: 'next-minute',
  },
  {
    reason: /^(quotaExceeded|QUOTA_EXCEEDED|limitExceeded|LIMIT_EXCEEDED|QUOTA_LIMIT_EXCEEDED)$/,
    code: 'quota-exceeded',
    why: 'a quota of the project is used up',
    hint: quotaHint,
  },
  { status: 429, code: 'rate-limited', why: 'there were too many calls', retryAfterMs: 'next-minute' },
  {
    reason: /^(SERVICE_DISABLED|accessNotConfigured)$/,
    code: 'permission-denied',
    why: 'the API is not enabled in the project',
    hint: 'Enable it: gcloud services enable compute.googleapis.com.',
  },
  {
    reason: /^(BILLING_DISABLED|billingNotEnabled)$/,
    code: 'permission-denied',
    why: 'the project has no billing account',
    hint: 'Link a billing account to the project.',
  },
  {
    reason: /^(forbidden|IAM_PERMISSION_DENIED|PERMISSION_DENIED|PERMISSIONS_ERROR|insufficientPermissions)$/,
    code: 'permission-denied',
    why: 'a permission is missing',
    hint: rightsHint,
  },
  {
    status: 401,
    code: 'unauthenticated',
    why: 'Google does not take the credentials',
    hint: 'Log in again: gcloud auth application-default login, or check what the environment gives.',
  },
  { status: 403, code: 'permission-denied', why: 'Google refused it', hint: rightsHint },
  {
    text: /\bconstraints?\/\w|organi[sz]ation policy/i,
    code: 'permission-denied',
    why: 'a policy of the organization forbids it',
    hint: 'The message names the constraint; change spec: to fit it.',
  },
  {
    reason: /^(conditionNotMet|CONDITION_NOT_MET)$/,
    code: 'conflict',
    why: 'somebody else has changed it at the same time',
  },
  { reason: /^(alreadyExists|RESOURCE_ALREADY_EXISTS)$/, code: 'conflict', why: 'the name is taken' },
  {
    reason: /^(resourceNotReady|RESOURCE_NOT_READY)$/,
    code: 'unavailable',
    why: 'it is busy with another operation',
  },
  {
    reason: /^(resourceInUseByAnotherResource|RESOURCE_IN_USE_BY_ANOTHER_RESOURCE)$/,
    code: 'unavailable',
    why: 'something else still uses it',
  },
  {
    text: /deletion protection/i,
    code: 'permission-denied',
    why: 'it is protected from deletion',
    hint: 'Somebody switched that on; switch it off: gcloud compute instances update NAME --no-deletion-protection.',
  },
  {
    reason: /^(RESOURCE_NOT_FOUND|notFound)$/,
    code: 'invalid-spec',
    why: 'something that it names is not there',
    hint: specHint,
  },
  {
    reason: /^(UNSUPPORTED_OPERATION|VM_MIN_COUNT_NOT_REACHED|unsupportedOperation)$/,
    code: 'unsupported',
    why: 'Compute Engine does not do this',
  },
  {
    reason: /^(invalid|badRequest|required|invalidParameter|INVALID_\w+|BAD_REQUEST|INVALID_ARGUMENT)$/,
    code: 'invalid-spec',
    why: 'Compute Engine does not take the request',
    hint: specHint,
  },
  { status: 400, code: 'invalid-spec', why: 'Compute Engine does not take the request', hint: specHint },
  { status: 404, code: 'invalid-spec', why: 'something that it names is not there', hint: specHint },
  { status: 409, code: 'conflict', why: 'it conflicts with what is there' },
  { status: 412, code: 'conflict', why: 'somebody else has changed it at the same time' },
  {
    reason: /^(INTERNAL_ERROR|backendError|internalError|BACKEND_ERROR)$/,
    code: 'unavailable',
    why: 'Compute Engine failed',
  },
  { status: 500, code: 'unavailable', why: 'Compute Engine failed' },
  { status: 502, code: 'unavailable', why: 'Google does not answer in good order' },
  { status: 503, code: 'unavailable', why: 'Google is not ready' },
  { status: 504, code: 'unavailable', why: 'Google took too long' },
]
