import type { ErrorCode } from '@agentctl/contract'

/** One code of AWS, or a family of them, and the reaction it asks for. */
export interface Row {
  /** Of the whole code. */
  readonly name: RegExp
  readonly code: ErrorCode
  /** What it means, after "RunInstances failed: ". */
  readonly why: string
  readonly hint?: string
  /** Unit: milliseconds. */
  readonly retryAfterMs?: number
}

const credentialsHint =
  'Check the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of this host.'

/** In order; the first that fits counts. Source: EC2 developer guide, "Error codes for the Amazon EC2 API", 2026-11. */
export const errorTable: readonly Row[] = [
  {
    name: /^(InsufficientInstanceCapacity|InsufficientHostCapacity|InsufficientReservedInstanceCapacity|InsufficientCapacity|SpotMaxPriceTooLow|ReservationCapacityExceeded)$/,
    code: 'capacity-unavailable',
    why: 'EC2 has no such machine there now',
  },
  {
    name: /^InsufficientFreeAddressesInSubnet$/,
    code: 'capacity-unavailable',
    why: 'the subnet has no free address',
    hint: 'Give the pool more subnets, or larger ones.',
  },
  {
    name: /^(InstanceLimitExceeded|VcpuLimitExceeded|MaxSpotInstanceCountExceeded|VolumeLimitExceeded|MaxIOPSLimitExceeded|NetworkInterfaceLimitExceeded|PendingVerification|MaxSpotFleetRequestCountExceeded)$/,
    code: 'quota-exceeded',
    why: 'a quota of the account is reached',
    hint: 'Ask for more in the Service Quotas console, or lower the max of the pool.',
    retryAfterMs: 60_000,
  },
  {
    name: /^(RequestLimitExceeded|Throttling|ThrottlingException|RequestThrottled|RequestThrottledException|EC2ThrottledException|SlowDown|TooManyRequestsException|ResourceCountLimitExceeded)$/,
    code: 'rate-limited',
    why: 'AWS takes no more calls now',
    retryAfterMs: 5_000,
  },
  {
    name: /^(UnauthorizedOperation|AccessDenied|AccessDeniedException|Client\.UnauthorizedOperation)$/,
    code: 'permission-denied',
    why: 'a right is missing',
    hint: 'Give the controller the policy that "agentctl providers policy aws" prints.',
  },
  {
    name: /^OptInRequired$/,
    code: 'permission-denied',
    why: 'the account has not opted in to this region or image',
    hint: 'Enable the region in the account settings, or accept the terms of the image in the Marketplace.',
  },
  {
    name: /^(OperationNotPermitted)$/,
    code: 'permission-denied',
    why: 'the instance is protected against it',
    hint: 'Take the termination protection off the instance.',
  },
  {
    name: /^(AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|ExpiredToken|ExpiredTokenException|RequestExpired|MissingAuthenticationToken|IncompleteSignature|InvalidSignatureException|CredentialsProviderError|TokenProviderError)$/,
    code: 'unauthenticated',
    why: 'AWS does not accept the credentials',
    hint: credentialsHint,
  },
  {
    name: /^(IdempotentParameterMismatch|ClientTokenMismatch)$/,
    code: 'conflict',
    why: 'the launch id stands for another request',
  },
  {
    name: /^(Unsupported|UnsupportedOperation|UnsupportedInstanceTypeOnAvailabilityZone|UnsupportedHostConfiguration)$/,
    code: 'capacity-unavailable',
    why: 'EC2 does not offer this combination there',
    hint: 'Check whether the type is offered in the zone of the subnet.',
  },
  {
    name: /^(Invalid\w*(\.\w+)*|Missing\w*|Unknown\w*|Blocked|VPCIdNotSpecified|VPCResourceNotSpecified|TagLimitExceeded|NoSuchEntity|UnknownParameter|ValidationError)$/,
    code: 'invalid-spec',
    why: 'EC2 refuses what the spec asks for',
    hint: 'Correct the spec of the pool; the words of EC2 name the part.',
  },
  {
    name: /^(IncorrectInstanceState|IncorrectState|VolumeInUse|DependencyViolation)$/,
    code: 'unavailable',
    why: 'it is still in use',
  },
]
