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
import { isInRegion } from './ids.ts'
import { isReservedLabel } from './labels.ts'
import { projectPattern, type Settings } from './settings.ts'

const name = (what: string) => z.string().regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, `is no ${what}`)
const path = (pattern: RegExp, what: string) => z.string().regex(pattern, `is no ${what}`)
const labelName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'is no name of a label')
  .refine(text => !isReservedLabel(text), 'is set by agentctl itself')
const reservedKeys: readonly string[] = [
  'user-data',
  'user-data-encoding',
  'startup-script',
  'startup-script-url',
]
const metadataKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'is no key of the metadata')
  .refine(text => !reservedKeys.includes(text), 'would run beside the agent')

const markets = ['spot', 'on-demand'] as const satisfies readonly Market[]

const source = z.strictObject({
  project: z
    .string()
    .regex(projectPattern, 'is no project id')
    .optional()
    .describe('Left out, that of providers: gcp: or of GOOGLE_CLOUD_PROJECT'),
  region: name('region').describe('Such as europe-west1'),
  zones: z
    .array(name('zone'))
    .min(1)
    .optional()
    .describe('In the order to try them; left out, all of the region that have the machine type'),
  types: z.array(name('machine type')).min(1).describe('Machine types in the order to try them'),
  market: z
    .array(z.enum(markets))
    .min(1)
    .default(['on-demand'])
    .describe('In the order to try them; [spot, on-demand] falls back'),
  image: path(
    /^(projects\/[a-z0-9.:-]+\/global\/images\/)?(family\/)?[a-z][a-z0-9-]{0,62}$/,
    'image',
  ).describe('NAME, family/NAME, or projects/PROJECT/global/images/[family/]NAME'),
  'disk-gb': z.number().int().min(1).max(65_536).optional().describe("Left out, the image's own size"),
  'disk-type': name('disk type').default('pd-balanced').describe('Of the boot disk'),
  network: path(/^(projects\/[a-z0-9.:-]+\/global\/networks\/)?[a-z][a-z0-9-]{0,62}$/, 'network')
    .optional()
    .describe('A name, or the path of a shared one; left out, default'),
  subnetwork: path(
    /^(projects\/[a-z0-9.:-]+\/regions\/[a-z0-9-]+\/subnetworks\/)?[a-z][a-z0-9-]{0,62}$/,
    'subnetwork',
  )
    .optional()
    .describe('A name, or the path of a shared one; needed in networks with subnetworks of your own'),
  'external-address': z.boolean().default(false).describe('Without one, the subnetwork needs Cloud NAT'),
  'network-tags': z.array(name('network tag')).default([]).describe('For firewall rules'),
  'service-account': z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'is no address of a service account')
    .optional()
    .describe('Jobs get its rights; left out, none'),
  'secure-boot': z.boolean().default(true).describe('false for images with unsigned drivers'),
  labels: z
    .record(labelName, z.string().regex(/^[a-z0-9_-]{0,63}$/, 'is no value of a label'))
    .default({})
    .refine(labels => Object.keys(labels).length <= 40, 'are more than 40')
    .describe('Your own, at most 40, on machine and disk'),
  metadata: z.record(metadataKey, z.string()).default({}).describe('Read by every job; no place for secrets'),
})

type Source = z.output<typeof source>
export type GcpSpec = Source & { readonly project: string }

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown, settings: Settings): GcpSpec {
  const result = source.safeParse(raw)
  const project = result.data?.project ?? settings.project
  const problems: readonly Problem[] = result.success
    ? crossProblems(result.data, project)
    : problemsOf(result.error, 'spec')
  if (result.success && project !== undefined && problems.length === 0) return { ...result.data, project }
  throw contractError('invalid-spec', 'The spec for the provider gcp is not valid', {
    problems,
    hint: 'Every key is in the README of the provider gcp.',
  })
}

function crossProblems({ zones = [], region }: Source, project: string | undefined): readonly Problem[] {
  const strays = zones.flatMap((zone, at) =>
    isInRegion(zone, region) ? [] : [{ path: `spec.zones[${at}]`, message: `is not in ${region}` }],
  )
  if (project !== undefined) return strays
  const message = 'is missing: set it here, in providers: gcp:, or as GOOGLE_CLOUD_PROJECT'
  return [...strays, { path: 'spec.project', message }]
}

/** Pure. One per project and region. */
export function scopesOf(specs: readonly GcpSpec[]): readonly Scope[] {
  const found = specs.map(({ project, region }) => ({ account: project, region }))
  return [...new Map(found.map(scope => [`${scope.account}/${scope.region}`, scope])).values()]
}

export function offeringId(type: string, zone: string, market: Market): string {
  return `${type}/${zone}/${market}`
}

/** What a launch needs besides its offering; plain JSON. */
export interface Details {
  readonly spec: GcpSpec
  /** `projects/PROJECT/global/images/NAME`, of a family the newest at the time. */
  readonly image: string
  readonly architecture: string
}

/** Pure. Markets first, then types, then zones. `zonesOf` says where a type is to be had. */
export function offeringsOf(
  spec: GcpSpec,
  zonesOf: (type: string) => readonly string[],
): readonly Offering[] {
  const scope: Scope = { account: spec.project, region: spec.region }
  return spec.market.flatMap(market =>
    spec.types.flatMap(type =>
      zonesOf(type).map(zone => ({ id: offeringId(type, zone, market), scope, type, zone, market })),
    ),
  )
}

const details = z.object({
  spec: source.extend({ project: z.string() }),
  image: z.string(),
  architecture: z.string(),
})

/** @throws `invalid-spec` where the details are not those of `resolve` */
export function detailsOf({ details: raw }: ResolvedSpec): Details {
  const parsed = details.safeParse(raw)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The resolved spec is not one of the provider gcp', {
    problems: problemsOf(parsed.error, 'resolved.details'),
  })
}
