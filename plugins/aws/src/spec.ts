import {
  contractError,
  type JsonSchema,
  type Market,
  type Offering,
  type Problem,
  problemsOf,
  type ResolvedSpec,
  type Scope,
} from '@agentctl/contract'
import { z } from 'zod'
import type { Settings } from './settings.ts'
import { userTagsMax } from './tags.ts'

const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `is no id ${prefix}-…`)
const markets = ['spot', 'on-demand'] as const satisfies readonly Market[]

/** An image by its id, by the SSM parameter that names it, or the newest of a name. */
const image = z.union(
  [
    id('ami'),
    z.string().regex(/^ssm:\/?[\w./-]+$/),
    z.strictObject({ name: z.string().min(1), owners: z.array(z.string().min(1)).min(1) }),
  ],
  { error: 'must be ami-…, ssm:/PARAMETER, or {name: PATTERN, owners: [self, 123456789012, …]}' },
)

const volume = z.strictObject({
  'size-gb': z.number().int().min(1).max(65_536).optional().describe("Left out, the image's own size"),
  type: z.enum(['gp3', 'gp2', 'io1', 'io2']).default('gp3').describe('Kind of the root volume'),
  iops: z.number().int().min(100).max(256_000).optional().describe('Needed for io1 and io2; not for gp2'),
  'throughput-mbps': z.number().int().min(125).max(2_000).optional().describe('Of gp3 alone'),
  encrypted: z.boolean().default(true).describe('The root volume, at rest'),
  'kms-key': z.string().min(1).optional().describe("Left out, the account's default key"),
})

const source = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'is no region such as us-east-1')
    .optional()
    .describe('Left out, AWS_REGION'),
  image: image.describe('ami-…, ssm:/PARAMETER, or {name: PATTERN, owners: […]}, of which the newest counts'),
  types: z
    .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'is no instance type such as c7i.large'))
    .min(1)
    .describe("In the order to try them; their architecture has to be the image's"),
  subnets: z
    .array(id('subnet'))
    .min(1)
    .optional()
    .describe("In the order to try them; left out, the default subnets of the region's default VPC"),
  market: z
    .array(z.enum(markets))
    .min(1)
    .default(['on-demand'])
    .describe('In the order to try them; [spot, on-demand] falls back'),
  'offering-order': z
    .enum(['listed', 'price'])
    .default('listed')
    .describe('price: spot offerings, the cheapest first'),
  'max-price': z.number().positive().optional().describe('Of a spot machine, in US dollars per hour'),
  'security-groups': z.array(id('sg')).min(1).optional().describe("Left out, the VPC's default group"),
  'instance-profile': z
    .string()
    .regex(/^(arn:[\w-]+:iam::\d{12}:instance-profile\/)?[\w+=,.@/-]{1,512}$/, 'is no instance profile')
    .optional()
    .describe('Lends its rights to jobs, also where the metadata service is closed to them'),
  'key-name': z.string().min(1).max(255).optional().describe('Key pair for a login; left out, none'),
  'capacity-reservation': id('cr').optional().describe('Its id; left out, none is asked for'),
  'public-address': z.boolean().default(false).describe('Without one, the subnet needs a NAT gateway'),
  volume: volume.prefault({}).describe('The root volume'),
  tags: z
    .record(
      z
        .string()
        .regex(/^[\w .:/=+@-]{1,128}$/, 'is no key of a tag')
        .refine(key => !/^(aws:|agentctl-)/i.test(key), 'is reserved'),
      z.string().max(256),
    )
    .default({})
    .refine(tags => Object.keys(tags).length <= userTagsMax, `are more than ${userTagsMax}`)
    .describe(`Your own, at most ${userTagsMax}, on everything that a launch makes`),
})

type Source = z.output<typeof source>
export type AwsSpec = Source & { readonly region: string; readonly account: string }

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown, { region: ownRegion, account }: Settings): AwsSpec {
  const result = source.safeParse(raw)
  const region = result.data?.region ?? ownRegion
  const problems = result.success ? crossProblems(result.data, region) : problemsOf(result.error, 'spec')
  if (result.success && region !== undefined && problems.length === 0)
    return { ...result.data, region, account }
  throw contractError('invalid-spec', 'The spec for the provider aws is not valid', {
    problems,
    hint: 'Every key is in the README of the provider aws.',
  })
}

function crossProblems(spec: Source, region: string | undefined): readonly Problem[] {
  const { volume, market } = spec
  const checks: readonly (readonly [boolean, Problem])[] = [
    [region !== undefined, { path: 'spec.region', message: 'is missing: set it here, or as AWS_REGION' }],
    [
      spec['max-price'] === undefined || market.includes('spot'),
      { path: 'spec.max-price', message: 'is for spot machines, and spec.market has no spot' },
    ],
    [
      volume['throughput-mbps'] === undefined || volume.type === 'gp3',
      { path: 'spec.volume.throughput-mbps', message: 'is for gp3 alone' },
    ],
    [
      volume.iops === undefined || volume.type !== 'gp2',
      { path: 'spec.volume.iops', message: 'cannot be chosen for gp2' },
    ],
    [
      volume.iops !== undefined || !volume.type.startsWith('io'),
      { path: 'spec.volume.iops', message: `is needed for ${volume.type}` },
    ],
    [
      volume['kms-key'] === undefined || volume.encrypted,
      { path: 'spec.volume.kms-key', message: 'needs encrypted: true' },
    ],
  ]
  return checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
}

/** Pure. One per account and region. */
export function scopesOf(specs: readonly AwsSpec[]): readonly Scope[] {
  const found = specs.map(({ account, region }) => ({ account, region }))
  return [...new Map(found.map(scope => [`${scope.account}/${scope.region}`, scope])).values()]
}

/** Two subnets of one zone are two ways to get a machine. */
export function offeringIdOf(type: string, subnet: string, market: Market): string {
  return `${type}/${subnet}/${market}`
}

export interface Subnet {
  readonly id: string
  readonly zone: string
}

/** Pure. Markets first, then types, then subnets, of those that are offered there. */
export function offeringsOf(
  spec: AwsSpec,
  subnets: readonly Subnet[],
  isOffered: (type: string, zone: string) => boolean,
): readonly Offering[] {
  const scope: Scope = { account: spec.account, region: spec.region }
  return spec.market.flatMap(market =>
    spec.types.flatMap(type =>
      subnets
        .filter(({ zone }) => isOffered(type, zone))
        .map(subnet => ({
          id: offeringIdOf(type, subnet.id, market),
          scope,
          type,
          zone: subnet.zone,
          market,
        })),
    ),
  )
}

/** What a launch needs besides its offering; plain JSON. */
const details = z.object({
  spec: source.extend({ region: z.string(), account: z.string() }),
  imageId: z.string(),
  rootDevice: z.string(),
})
export type Details = z.output<typeof details>

/** @throws `invalid-spec` where the details are not those of `resolve` */
export function detailsOf({ details: raw }: ResolvedSpec): Details {
  const parsed = details.safeParse(raw)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The resolved spec is not one of the provider aws', {
    problems: problemsOf(parsed.error, 'resolved.details'),
  })
}
