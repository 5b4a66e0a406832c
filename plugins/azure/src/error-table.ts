import type { ErrorCode } from '@agentctl/contract'

/** Which errors a row fits, by all of the first four that it has; what it says of them. */
export interface Row {
  /** Azure's codes, the inner ones too, or Node's of a connection that could not be made. */
  readonly codes?: readonly string[]
  readonly status?: number
  /** At least that, of a group of statuses. */
  readonly statusFrom?: number
  /** In Azure's words. */
  readonly text?: RegExp
  readonly code: ErrorCode
  readonly why: string
  readonly hint?: string
}

const capacity = 'Nothing to do: the next offering is tried. More sizes, zones or markets make it rarer.'
const quota =
  'Ask for more in the portal (Quotas), or with az quota; agentctl doctor shows what is used of it.'
const login =
  'Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret, certificate or token file, or log in with "az login".'
const role = 'agentctl providers policy azure prints the roles, and how to assign them.'

/** What Azure's errors ask for; the first row that fits decides. One that none fits is `internal`. */
export const errorTable: readonly Row[] = [
  {
    codes: [
      'AllocationFailed',
      'ZonalAllocationFailed',
      'OverconstrainedAllocationRequest',
      'OverconstrainedZonalAllocationRequest',
      'AllocationTimeout',
    ],
    code: 'capacity-unavailable',
    why: 'Azure has no such machine now',
    hint: capacity,
  },
  {
    codes: ['SkuNotAvailable', 'SpotVmSizeNotAvailable'],
    code: 'capacity-unavailable',
    why: 'the size is not to be had there now',
    hint: `${capacity} If it stays so, the subscription may not have the size there at all: agentctl doctor says.`,
  },
  {
    codes: ['SubnetIsFull'],
    code: 'capacity-unavailable',
    why: 'the subnet has no free address',
    hint: 'Use a larger subnet, or fewer machines at once.',
  },
  {
    codes: ['QuotaExceeded', 'PublicIPCountLimitReached'],
    code: 'quota-exceeded',
    why: 'a quota is used up',
    hint: quota,
  },
  {
    codes: ['OperationNotAllowed'],
    text: /quota|limit/i,
    code: 'quota-exceeded',
    why: 'a quota is used up',
    hint: quota,
  },
  {
    codes: [
      'RetryableErrorDueToAnotherOperation',
      'AnotherOperationInProgress',
      'OperationNotAllowed',
      'Conflict',
    ],
    code: 'unavailable',
    why: 'the resource is busy with something else',
  },
  { status: 429, code: 'rate-limited', why: 'Azure takes no more calls for a moment' },
  {
    codes: ['TooManyRequests', 'SubscriptionRequestsThrottled', 'ServerBusy'],
    code: 'rate-limited',
    why: 'Azure takes no more calls for a moment',
  },
  {
    codes: ['PropertyChangeNotAllowed', 'PreconditionFailed'],
    code: 'conflict',
    why: 'it is there already, made from another request',
  },
  {
    codes: ['NicReservedForAnotherVm'],
    code: 'launch-spent',
    why: "an interface of an earlier life of this launch is still reserved, for 180 seconds from its machine's failure",
  },
  {
    codes: ['NicInUse', 'PublicIPAddressCannotBeDeleted', 'InUseNetworkInterfaceCannotBeDeleted'],
    code: 'unavailable',
    why: 'it is still attached to something',
  },
  {
    codes: ['invalid_client', 'unauthorized_client', 'invalid_grant'],
    code: 'unauthenticated',
    why: 'the login was refused',
    hint: login,
  },
  { status: 401, code: 'unauthenticated', why: 'Azure does not take the token', hint: login },
  {
    codes: ['RequestDisallowedByPolicy'],
    code: 'permission-denied',
    why: 'a policy of the subscription forbids it',
    hint: 'Ask for an exemption of the resource group, or write the spec so that the policy allows it.',
  },
  {
    codes: ['MarketplacePurchaseEligibilityFailed', 'ResourcePurchaseValidationFailed'],
    code: 'permission-denied',
    why: 'the terms of the marketplace image are not accepted',
    hint: 'Accept them once: az vm image terms accept --urn URN.',
  },
  { status: 403, code: 'permission-denied', why: 'a right is missing', hint: role },
  {
    codes: ['ResourceGroupNotFound'],
    code: 'invalid-spec',
    why: 'the resource group is not there',
    hint: 'Make it: az group create --name GROUP --location LOCATION. It should be for agentctl alone.',
  },
  {
    codes: ['InvalidSubscriptionId', 'SubscriptionNotFound', 'InvalidAuthenticationTokenTenant'],
    code: 'invalid-spec',
    why: 'the subscription is not there, for these credentials',
    hint: 'Check subscription: and AZURE_TENANT_ID.',
  },
  {
    codes: ['PlatformImageNotFound', 'ImageNotFound', 'GalleryImageNotFound', 'NotFound', 'ResourceNotFound'],
    code: 'invalid-spec',
    why: 'something that it names is not there',
    hint: 'Check image:, subnet: and security-group: of the spec.',
  },
  {
    codes: [
      'VMStartTimedOut',
      'OSProvisioningTimedOut',
      'OSProvisioningClientError',
      'OSProvisioningInternalError',
      'InternalExecutionError',
      'InternalOperationError',
      'NetworkingInternalOperationError',
      'InternalServerError',
    ],
    code: 'unavailable',
    why: 'Azure could not finish it',
  },
  { status: 400, code: 'invalid-spec', why: 'Azure does not take the request' },
  { status: 404, code: 'invalid-spec', why: 'something that it names is not there' },
  { status: 409, code: 'unavailable', why: 'it is in no state for that' },
  { status: 408, code: 'unavailable', why: 'Azure was too slow' },
  { statusFrom: 500, code: 'unavailable', why: 'Azure has a trouble of its own' },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
    code: 'unavailable',
    why: 'Azure cannot be reached',
    hint: 'Check the network, the proxy, and endpoint: and authority: of providers: azure:.',
  },
  {
    codes: [
      'ECONNRESET',
      'EPIPE',
      'ECONNABORTED',
      'ERR_STREAM_PREMATURE_CLOSE',
      'REQUEST_SEND_ERROR',
      'PARSE_ERROR',
    ],
    code: 'unavailable',
    why: 'the connection to Azure broke',
  },
  {
    codes: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    code: 'unauthenticated',
    why: 'the certificate of that endpoint is not trusted',
    hint: 'Name the file of its authority in NODE_EXTRA_CA_CERTS.',
  },
]
