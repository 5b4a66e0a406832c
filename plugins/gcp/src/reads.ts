import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import { aggregated } from './aggregated.ts'
import type { Compute } from './api.ts'
import { isNotFound } from './errors.ts'
import { isInRegion, lastOf } from './ids.ts'
import type { GcpSpec } from './spec.ts'

/** What a spec's words stand for in the cloud. Reads only. */

const region = z.object({
  zones: z.array(z.string()).default([]),
  quotas: z
    .array(z.object({ metric: z.string(), limit: z.number().default(0), usage: z.number().default(0) }))
    .default([]),
})
export type Region = z.infer<typeof region>

export async function readRegion({ client, project, bounds }: Compute, name: string): Promise<Region> {
  const request = { project, region: name }
  try {
    return region.parse(await client.ask({ client: 'regions', method: 'get', request, isRead: true }, bounds))
  } catch (error) {
    throw isNotFound(error) ? missing('region', name, 'spec.region') : error
  }
}

const machineType = z.object({
  name: z.string(),
  zone: z.string(),
  guestCpus: z.number().default(0),
  architecture: z.string().default('X86_64'),
})
export type MachineType = z.infer<typeof machineType>

/** The machine types of the spec in every zone of its region that has them; one list. */
export async function readTypes(compute: Compute, spec: GcpSpec): Promise<readonly MachineType[]> {
  const filter = spec.types.map(type => `(name = "${type}")`).join(' OR ')
  const isAsked = (scope: string) => isInRegion(lastOf(scope), spec.region)
  const wanted = { client: 'machineTypes', key: 'machineTypes', shape: machineType, filter, isAsked } as const
  const found: MachineType[] = []
  for await (const one of aggregated(compute, wanted)) found.push({ ...one, zone: lastOf(one.zone) })
  return found
}

const image = z.object({
  name: z.string(),
  selfLink: z.string().default(''),
  architecture: z.string().default('X86_64'),
  diskSizeGb: z.coerce.number().default(0),
  status: z.string().default('READY'),
})
export type Image = z.infer<typeof image> & { readonly path: string }

/** The image that is named, or the newest of the family. */
export async function readImage({ client, bounds }: Compute, spec: GcpSpec): Promise<Image> {
  const [, owner = spec.project, family, name = ''] =
    /^(?:projects\/([^/]+)\/global\/images\/)?(family\/)?([^/]+)$/.exec(spec.image) ?? []
  const method = family ? 'getFromFamily' : 'get'
  const request = { project: owner, ...(family ? { family: name } : { image: name }) }
  try {
    const found = image.parse(await client.ask({ client: 'images', method, request, isRead: true }, bounds))
    return { ...found, path: `projects/${owner}/global/images/${found.name}` }
  } catch (error) {
    throw isNotFound(error) ? missing(family ? 'family of images' : 'image', spec.image, 'spec.image') : error
  }
}

function missing(what: string, name: string, path: string) {
  return contractError('invalid-spec', `There is no ${what} ${name}`, {
    problems: [{ path, message: `there is no ${what} ${name}` }],
    hint: 'Check the name, and that the controller may read it.',
  })
}

/** Whether a network or subnetwork is there. */
export async function hasNetwork(
  { client, bounds }: Compute,
  kind: 'networks' | 'subnetworks',
  request: object,
): Promise<boolean> {
  try {
    await client.ask({ client: kind, method: 'get', request, isRead: true }, bounds)
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
