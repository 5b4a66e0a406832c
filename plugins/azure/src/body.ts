import type { LaunchRequest } from '@agentctl/contract'
import type { VirtualMachine } from '@azure/arm-compute'
import { machineName, partName, placeOf, zoneNumber } from './names.ts'
import type { Details } from './resolve.ts'
import { nobodysKey } from './ssh-key.ts'
import { tagsFor } from './tags.ts'

/** The network's API version that the parts of a machine are made with; the newest that the compute API names. */
const networkApiVersion = '2022-11-01'

/**
 * The whole machine, its interface, disk and address, as one PUT makes them; all that is made goes with it. It follows
 * from the request alone. Pure.
 */
export function machineBody(owner: string, request: LaunchRequest, details: Details): VirtualMachine {
  const { launchId, offering, userData } = request
  const { type, zone, market, scope } = offering
  const name = machineName(owner, launchId)
  const tags = { ...details.tags, ...tagsFor(owner, request) }
  const number = zoneNumber(scope.region, zone)
  const { image, adminUser, sizes } = details
  return {
    location: placeOf(scope).location,
    tags,
    ...(number !== undefined && { zones: [number] }),
    ...(image.plan && { plan: image.plan }),
    hardwareProfile: { vmSize: type },
    ...(market === 'spot' && {
      priority: 'Spot',
      // The default, Deallocate, would keep the disk, and the quota, for ever.
      evictionPolicy: 'Delete',
      billingProfile: { maxPrice: details.spotPriceMax },
    }),
    storageProfile: { imageReference: image.reference, osDisk: diskOf(name, type, details) },
    osProfile: {
      computerName: name,
      adminUsername: adminUser,
      customData: Buffer.from(userData).toString('base64'),
      allowExtensionOperations: false,
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: {
          publicKeys: [
            { path: `/home/${adminUser}/.ssh/authorized_keys`, keyData: details.sshKey ?? nobodysKey },
          ],
        },
      },
    },
    networkProfile: {
      networkApiVersion,
      networkInterfaceConfigurations: [interfaceOf(name, tags, details)],
    },
    ...(sizes[type]?.isTrusted && {
      securityProfile: {
        securityType: 'TrustedLaunch',
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
    }),
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  }
}

type Profile = NonNullable<VirtualMachine['storageProfile']>
type Face = NonNullable<
  NonNullable<VirtualMachine['networkProfile']>['networkInterfaceConfigurations']
>[number]

function diskOf(
  name: string,
  type: string,
  { diskGb, diskType, sizes }: Details,
): NonNullable<Profile['osDisk']> {
  const placement = sizes[type]?.ephemeral
  return {
    name: partName(name, 'disk'),
    createOption: 'FromImage',
    deleteOption: 'Delete',
    ...(diskGb !== undefined && { diskSizeGB: diskGb }),
    ...(placement === undefined
      ? { managedDisk: { storageAccountType: diskType } }
      : {
          caching: 'ReadOnly',
          diffDiskSettings: { option: 'Local', placement },
        }),
  }
}

function interfaceOf(
  name: string,
  tags: Record<string, string>,
  { subnet, securityGroup, hasAddress }: Details,
): Face {
  return {
    name: partName(name, 'interface'),
    tags,
    primary: true,
    deleteOption: 'Delete',
    ...(securityGroup !== undefined && { networkSecurityGroup: { id: securityGroup } }),
    ipConfigurations: [
      {
        name: 'primary',
        primary: true,
        subnet: { id: subnet },
        ...(hasAddress && {
          publicIPAddressConfiguration: {
            name: partName(name, 'address'),
            tags,
            sku: { name: 'Standard' },
            publicIPAllocationMethod: 'Static',
            deleteOption: 'Delete',
          },
        }),
      },
    ],
  }
}
