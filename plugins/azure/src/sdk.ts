import type { ComputeManagementClient } from '@azure/arm-compute'
import type { NetworkManagementClient } from '@azure/arm-network'
import type * as Identity from '@azure/identity'

/** The only place that loads Azure's packages, each when it is first needed: together they take half a second. */
export type Compute = ComputeManagementClient
export type Network = NetworkManagementClient
export type { SecretClient } from '@azure/keyvault-secrets'
export type { Identity }
export type Credential = Identity.TokenCredential

export const importCompute = () => import('@azure/arm-compute')
export const importIdentity = (): Promise<typeof Identity> => import('@azure/identity')
export const importPipeline = () => import('@azure/core-rest-pipeline')
/** For what is left of machines, and subnets; no launch needs it. */
export const importNetwork = () => import('@azure/arm-network')
export const importVault = () => import('@azure/keyvault-secrets')
