import { z } from 'zod'
import type { AzureSpec } from './spec.ts'

/** Where a set of actions is needed. */
export type Place = 'group' | 'subscription' | 'used'

const machines = 'Microsoft.Compute/virtualMachines'
const interfaces = 'Microsoft.Network/networkInterfaces'
const addresses = 'Microsoft.Network/publicIPAddresses'

const inGroup = [
  `${machines}/read`,
  `${machines}/write`,
  `${machines}/delete`,
  `${machines}/retrieveBootDiagnosticsData/action`,
  'Microsoft.Compute/disks/read',
  'Microsoft.Compute/disks/write',
  'Microsoft.Compute/disks/delete',
  `${interfaces}/read`,
  `${interfaces}/write`,
  `${interfaces}/delete`,
  `${interfaces}/join/action`,
  `${addresses}/read`,
  `${addresses}/delete`,
  'Microsoft.Authorization/permissions/read',
]
const forAddress = [`${addresses}/write`, `${addresses}/join/action`]

/** Reads alone: the states of machines are listed by the subscription. */
const inSubscription = [
  `${machines}/read`,
  'Microsoft.Compute/skus/read',
  'Microsoft.Compute/locations/usages/read',
  'Microsoft.Compute/locations/operations/read',
  'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
]

/** What specs use of others: the subnet, the security group, the image. */
function usedBy(specs: readonly AzureSpec[]): readonly string[] {
  const hasGroup = specs.some(spec => spec['security-group'] !== undefined)
  const hasGallery = specs.some(({ image }) => /\/galleries\//i.test(image))
  const hasImage = specs.some(({ image }) => /\/Microsoft\.Compute\/images\//i.test(image))
  return [
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    ...(hasGroup ? ['Microsoft.Network/networkSecurityGroups/join/action'] : []),
    ...(hasGallery
      ? ['Microsoft.Compute/galleries/images/read', 'Microsoft.Compute/galleries/images/versions/read']
      : []),
    ...(hasImage ? ['Microsoft.Compute/images/read'] : []),
  ]
}

/** The least actions, for what is used. Pure. */
export function actionsFor(specs: readonly AzureSpec[]): Readonly<Record<Place, readonly string[]>> {
  const hasAddress = specs.some(spec => spec['public-address'])
  return {
    group: [...inGroup, ...(hasAddress ? forAddress : [])],
    subscription: inSubscription,
    used: usedBy(specs),
  }
}

const held = z.object({
  value: z.array(
    z.object({ actions: z.array(z.string()).default([]), notActions: z.array(z.string()).default([]) }),
  ),
})

/** Those of `wanted` that an answer of the permissions API does not give. Pure. */
export function missingIn(answer: unknown, wanted: readonly string[]): readonly string[] {
  const { value } = held.parse(answer)
  const gives = (action: string) =>
    value.some(
      ({ actions, notActions }) =>
        actions.some(one => covers(one, action)) && !notActions.some(one => covers(one, action)),
    )
  return wanted.filter(action => !gives(action))
}

function covers(pattern: string, action: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`, 'i').test(action)
}
