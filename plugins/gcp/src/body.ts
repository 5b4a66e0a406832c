import type { LaunchRequest } from '@agentctl/contract'
import { deadlineMarginMs } from './capabilities.ts'
import { labelsFor } from './labels.ts'
import type { Details } from './spec.ts'

/** Shortest run that Compute Engine can end by itself. Unit: milliseconds. */
const runMinMs = 30_000
export const userDataKeys: readonly string[] = ['user-data', 'user-data-encoding']
const cloudPlatform = 'https://www.googleapis.com/auth/cloud-platform'

/** The body of an insert: from the request alone, so that a repeat is the same. Pure. */
export function instanceBody(owner: string, request: LaunchRequest, { spec, image }: Details): object {
  const { launchId, offering, pool, userData } = request
  const { zone, type } = offering
  const labels = { ...spec.labels, ...labelsFor(owner, request) }
  const account = spec['service-account']
  const diskGb = spec['disk-gb']
  return {
    name: launchId,
    description: `agentctl, pool ${pool}`,
    machineType: `zones/${zone}/machineTypes/${type}`,
    labels,
    scheduling: scheduling(request),
    disks: [
      {
        boot: true,
        autoDelete: true,
        type: 'PERSISTENT',
        initializeParams: {
          sourceImage: image,
          diskType: `zones/${zone}/diskTypes/${spec['disk-type']}`,
          labels,
          ...(diskGb !== undefined && { diskSizeGb: diskGb }),
        },
      },
    ],
    networkInterfaces: [networkInterface(spec)],
    ...(account !== undefined && { serviceAccounts: [{ email: account, scopes: [cloudPlatform] }] }),
    shieldedInstanceConfig: {
      enableSecureBoot: spec['secure-boot'],
      enableVtpm: true,
      enableIntegrityMonitoring: true,
    },
    ...(spec['network-tags'].length > 0 && { tags: { items: spec['network-tags'] } }),
    metadata: {
      items: [
        ...Object.entries(spec.metadata).map(([key, value]) => ({ key, value })),
        { key: 'user-data', value: Buffer.from(userData).toString('base64') },
        { key: 'user-data-encoding', value: 'base64' },
      ],
    },
  }
}

/**
 * A deadline of the platform's own, a moment before the guest's: a guest that powers itself off takes the platform's
 * deadline along, and its disk would stay. An absolute expiry becomes an absolute time, for a duration counted from
 * the clock would make every repeat another request.
 */
function scheduling({ offering, expiry }: LaunchRequest): object {
  const isSpot = offering.market === 'spot'
  const afterMs = 'at' in expiry ? undefined : Math.max(runMinMs, expiry.afterMs - deadlineMarginMs)
  return {
    provisioningModel: isSpot ? 'SPOT' : 'STANDARD',
    automaticRestart: false,
    ...(isSpot && { onHostMaintenance: 'TERMINATE' }),
    instanceTerminationAction: 'DELETE',
    ...('at' in expiry && { terminationTime: new Date(expiry.at - deadlineMarginMs).toISOString() }),
    ...(afterMs !== undefined && { maxRunDuration: { seconds: Math.floor(afterMs / 1000) } }),
  }
}

function networkInterface({ network, subnetwork, region, ...spec }: Details['spec']): object {
  const full = (name: string, folder: string) => (name.includes('/') ? name : `${folder}/${name}`)
  return {
    // With neither, Compute Engine takes the network "default".
    ...(network !== undefined && { network: full(network, 'global/networks') }),
    ...(subnetwork !== undefined && { subnetwork: full(subnetwork, `regions/${region}/subnetworks`) }),
    ...(spec['external-address'] && {
      accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
    }),
  }
}
