import { contractError, type Offering, type Problem, type ResolvedSpec } from '@agentctl/contract'
import { z } from 'zod'
import type { Arm } from './arm.ts'
import { findImage, type Image } from './images.ts'
import { scopeOf, zoneName } from './names.ts'
import { type Placement, readSizes, type Size } from './sizes.ts'
import type { AzureSpec } from './spec.ts'

const placements = ['CacheDisk', 'ResourceDisk', 'NvmeDisk'] as const satisfies Placement[]

/** What a launch needs besides its offering. Plain JSON; it is a part of the request's digest. */
const detailsShape = z.object({
  image: z.custom<Image>(value => value instanceof Object),
  subnet: z.string(),
  securityGroup: z.string().optional(),
  hasAddress: z.boolean(),
  diskGb: z.number().optional(),
  diskType: z.string(),
  spotPriceMax: z.number(),
  sshKey: z.string().optional(),
  adminUser: z.string(),
  tags: z.record(z.string(), z.string()),
  sizes: z.record(z.string(), z.object({ ephemeral: z.enum(placements).optional(), isTrusted: z.boolean() })),
})
export type Details = z.output<typeof detailsShape>

/** Reads only. @throws `invalid-spec` with every size that does not fit */
export async function resolve(
  arm: Arm,
  armOf: (subscription: string) => Promise<Arm>,
  spec: AzureSpec,
  signal: AbortSignal,
): Promise<ResolvedSpec> {
  const [sizes, image] = await Promise.all([
    readSizes(arm, spec.location, spec.sizes, signal),
    findImage(arm, armOf, spec, signal),
  ])
  const problems = sizeProblems(spec, sizes, image)
  if (problems.length > 0) {
    throw contractError('invalid-spec', 'The spec asks for machines that Azure does not have', { problems })
  }
  return { guest: 'linux', offerings: offeringsOf(spec, sizes), details: detailsFor(spec, sizes, image) }
}

/** Pure. */
function sizeProblems(
  spec: AzureSpec,
  sizes: ReadonlyMap<string, Size>,
  { architecture, isGeneration2 }: Image,
): readonly Problem[] {
  return spec.sizes.flatMap((name, index) => {
    const path = `spec.sizes[${index}]`
    const size = sizes.get(name)
    if (!size) return [{ path, message: `${name} is not in ${spec.location}` }]
    const { ephemeral, hasTrustedLaunch } = size
    const isTrustable = hasTrustedLaunch && isGeneration2
    const checks: readonly (readonly [boolean, string])[] = [
      [size.architecture === architecture, `${name} is ${size.architecture}, the image ${architecture}`],
      [
        spec['ephemeral-disk'] !== 'on' || placementIn(ephemeral, spec) !== undefined,
        `${name} has no room for an ephemeral disk of ${diskGb(spec)} GB`,
      ],
      [spec['trusted-launch'] !== 'on' || isTrustable, `${name} with this image has no trusted launch`],
      [spec.market.includes('on-demand') || size.hasSpot, `${name} is not sold as spot`],
      [spec.zones.length === 0 || placesOf(spec, size).length > 0, `${name} is in none of the zones`],
    ]
    return checks.flatMap(([isFine, message]) => (isFine ? [] : [{ path, message }]))
  })
}

/** Markets first, since the price differs most by them, then sizes, then zones. Pure. */
function offeringsOf(spec: AzureSpec, sizes: ReadonlyMap<string, Size>): readonly Offering[] {
  const scope = scopeOf(spec)
  return spec.market.flatMap(market =>
    spec.sizes.flatMap(type => {
      const size = sizes.get(type)
      if (!size || (market === 'spot' && !size.hasSpot)) return []
      return placesOf(spec, size).map(zone => ({
        id: offeringId(type, zone, market),
        scope,
        type,
        zone,
        market,
      }))
    }),
  )
}

export function offeringId(size: string, zone: string, market: string): string {
  return `${size}/${zone}/${market}`
}

function placesOf({ zones, location }: AzureSpec, size: Size): readonly string[] {
  if (zones.length === 0) return [zoneName(location, undefined)]
  const isOpen = (zone: string) => size.zones.includes(zone) && !size.isRestrictedIn.includes(zone)
  return zones.filter(isOpen).map(zone => zoneName(location, zone))
}

/** Of an image whose size nobody told: what the usual ones have. */
const usualDiskGb = 30

function diskGb(spec: AzureSpec): number {
  return spec['disk-gb'] ?? usualDiskGb
}

function placementIn(rooms: Size['ephemeral'], spec: AzureSpec): Placement | undefined {
  return rooms.find(({ gb }) => gb >= diskGb(spec))?.placement
}

function detailsFor(spec: AzureSpec, sizes: ReadonlyMap<string, Size>, image: Image): Details {
  const bySize = [...sizes.values()].map(({ name, ephemeral, hasTrustedLaunch }) => {
    const placement = spec['ephemeral-disk'] === 'off' ? undefined : placementIn(ephemeral, spec)
    const isTrusted = spec['trusted-launch'] !== 'off' && hasTrustedLaunch && image.isGeneration2
    return [name, { ...(placement && { ephemeral: placement }), isTrusted }] as const
  })
  const { subnet, tags } = spec
  return {
    image,
    subnet,
    ...(spec['security-group'] !== undefined && { securityGroup: spec['security-group'] }),
    hasAddress: spec['public-address'],
    ...(spec['disk-gb'] !== undefined && { diskGb: spec['disk-gb'] }),
    diskType: spec['disk-type'],
    spotPriceMax: spec['spot-price-max'] ?? -1,
    ...(spec['ssh-key'] !== undefined && { sshKey: spec['ssh-key'] }),
    adminUser: spec['admin-user'],
    tags,
    sizes: Object.fromEntries(bySize.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** @throws `invalid-spec` where the details are not those of {@link resolve} */
export function detailsOf({ details }: ResolvedSpec): Details {
  const parsed = detailsShape.safeParse(details)
  if (parsed.success) return parsed.data
  throw contractError('invalid-spec', 'The resolved spec is not one of the provider azure', {
    cause: parsed.error,
  })
}
