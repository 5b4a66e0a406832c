import { type Answer, notFound, ok } from './answers.ts'
import { regionUrl, zoneUrl } from './cloud.ts'
import type { Handler } from './handlers.ts'
import {
  base,
  images,
  machineTypes,
  networks,
  project,
  regionOf,
  subnetworks,
  zones,
  zonesOf,
} from './inventory.ts'
import { aggregated } from './pages.ts'

/** What can be chosen from: read, and never changed. */
export const readings: Readonly<Record<string, Handler>> = {
  'GET regions/:region': ({ at, cloud }) => {
    const { region = '' } = at
    const here = zonesOf[region]
    if (!here) throw notFound(`projects/${project}/regions/${region}`)
    const used = cloud.machines.size
    const quota = (metric: string, limit: number, usage: number) => ({ metric, limit, usage })
    return ok({
      kind: 'compute#region',
      name: region,
      status: 'UP',
      selfLink: regionUrl(region),
      zones: here.map(zoneUrl),
      quotas: [
        quota('CPUS', 96, used * 2),
        quota('PREEMPTIBLE_CPUS', 0, 0),
        quota('INSTANCES', Math.min(cloud.knobs.instancesMax, 1000), used),
        quota('DISKS_TOTAL_GB', 4096, used * 10),
      ],
    })
  },
  'GET zones/:zone': ({ at }) => {
    const { zone = '' } = at
    if (!zones.includes(zone)) throw notFound(`projects/${project}/zones/${zone}`)
    return ok({
      kind: 'compute#zone',
      name: zone,
      status: 'UP',
      region: regionUrl(regionOf(zone)),
      selfLink: zoneUrl(zone),
    })
  },
  'GET aggregated/machineTypes': ({ cloud, query }) =>
    aggregated(
      cloud,
      query,
      'machineTypes',
      machineTypes.flatMap(type =>
        (type.zones ?? zones).map(zone => ({ place: zone, item: typeIn(type, zone) })),
      ),
    ),
  'GET zones/:zone/machineTypes/:name': ({ at }) => {
    const { zone = '', name } = at
    const type = machineTypes.find(one => one.name === name && (one.zones ?? zones).includes(zone))
    if (!type) throw notFound(`projects/${project}/zones/${zone}/machineTypes/${name}`)
    return ok(typeIn(type, zone))
  },
  'GET global/images/family/:name': ({ at }) => imageNamed(at.project, image => image.family === at.name),
  'GET global/images/:name': ({ at }) => imageNamed(at.project, image => image.name === at.name),
  'GET global/networks/:name': ({ at }) => {
    if (!networks.includes(at.name ?? '')) throw notFound(`projects/${project}/global/networks/${at.name}`)
    return ok({ name: at.name, selfLink: `${base}projects/${project}/global/networks/${at.name}` })
  },
  'GET regions/:region/subnetworks/:name': ({ at }) => {
    const found = subnetworks.find(one => one.region === at.region && one.name === at.name)
    if (!found) throw notFound(`projects/${project}/regions/${at.region}/subnetworks/${at.name}`)
    return ok({
      name: found.name,
      region: regionUrl(found.region),
      privateIpGoogleAccess: true,
      selfLink: `${regionUrl(found.region)}/subnetworks/${found.name}`,
    })
  },
}

function typeIn({ name, guestCpus, memoryMb, architecture }: (typeof machineTypes)[number], zone: string) {
  return {
    kind: 'compute#machineType',
    name,
    guestCpus,
    memoryMb,
    architecture,
    zone,
    selfLink: `${zoneUrl(zone)}/machineTypes/${name}`,
  }
}

function imageNamed(owner: string | undefined, isIt: (image: (typeof images)[number]) => boolean): Answer {
  const found = images.find(image => image.project === owner && isIt(image))
  if (!found) throw notFound(`projects/${owner}/global/images`)
  const { project: of, ...image } = found
  return ok({
    kind: 'compute#image',
    ...image,
    selfLink: `${base}projects/${of}/global/images/${image.name}`,
  })
}
