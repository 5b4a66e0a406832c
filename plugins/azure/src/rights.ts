import { contractError, type Rights, type RightsRequest } from '@agentctl/contract'
import { readImage } from './image-name.ts'
import { actionsFor } from './permissions.ts'
import { readSecretRef } from './secret-ref.ts'
import { parseSettings } from './settings.ts'
import { type AzureSpec, parseSpec } from './spec.ts'

/** The right to read one secret; it is of Key Vault's data, not of its management. */
const readSecret = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'
const placeholder = '00000000-0000-0000-0000-000000000000'

interface Role {
  readonly Name: string
  readonly Description: string
  readonly Actions: readonly string[]
  readonly DataActions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

/** Custom roles, as `az role definition create` takes each. Pure. */
export function rights({ owner, settings, specs, secrets, tokenBuckets }: RightsRequest): Rights {
  if (tokenBuckets.length > 0) {
    throw contractError('unsupported', 'The provider azure has no store for tokens', {
      hint: 'Leave token-delivery: out of pools on Azure: custom data is not in their metadata service.',
    })
  }
  const known = parseSettings(settings, {})
  const filled = { ...known, subscription: known.subscription ?? placeholder }
  const parsed = specs.map(raw => parseSpec(raw, filled, owner))
  const document = [...machineRoles(owner, parsed), ...secretRoles(owner, secrets)]
  const note = [
    'Save each as role.json, then: az role definition create --role-definition role.json; az role assignment create --assignee PRINCIPAL --role "NAME" --scope SCOPE, for each of its AssignableScopes.',
    ...(known.subscription === undefined && parsed.some(({ subscription }) => subscription === placeholder)
      ? [`Put your subscription in the place of ${placeholder}.`]
      : []),
    'The rights to make and end hold in the resource group alone: give agentctl one of its own. Azure has no condition on tags for these actions.',
    ...(secrets.length > 0 ? ['The vault has to use Azure role-based access control.'] : []),
  ].join('\n')
  return { document, note }
}

function machineRoles(owner: string, specs: readonly AzureSpec[]): readonly Role[] {
  if (specs.length === 0) return []
  const actions = actionsFor(specs)
  const subscriptions = distinct(specs.map(({ subscription }) => `/subscriptions/${subscription}`))
  const groups = distinct(
    specs.map(({ subscription, group }) => `/subscriptions/${subscription}/resourceGroups/${group}`),
  )
  const used = distinct(
    specs.flatMap(spec => [
      spec.subnet,
      ...(spec['security-group'] ? [spec['security-group']] : []),
      ...imageScope(spec),
    ]),
  )
  return [
    role(`agentctl ${owner} machines`, 'Makes, sees and ends machines of agentctl', actions.group, groups),
    role(
      `agentctl ${owner} reads`,
      'Sees states, sizes, quotas and images',
      actions.subscription,
      subscriptions,
    ),
    role(`agentctl ${owner} uses`, 'Puts machines into a subnet, from an image', actions.used, used),
  ]
}

function imageScope({ image }: AzureSpec): readonly string[] {
  const name = readImage(image)
  if (name.kind === 'urn') return []
  return [
    name.id.replace(/\/images\/[^/]+\/versions\/[^/]+$/i, match => match.replace(/\/versions\/.*/i, '')),
  ]
}

function secretRoles(owner: string, secrets: readonly string[]): readonly Role[] {
  if (secrets.length === 0) return []
  const scopes = distinct(
    secrets.map(readSecretRef).map(({ vault, name }) => {
      const [vaultName = ''] = new URL(vault).hostname.split('.')
      return `/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/${vaultName}/secrets/${name}`
    }),
  )
  return [
    {
      ...role(`agentctl ${owner} secrets`, 'Reads secrets of agentctl', [], scopes),
      DataActions: [readSecret],
    },
  ]
}

function role(
  Name: string,
  Description: string,
  Actions: readonly string[],
  AssignableScopes: readonly string[],
): Role {
  return { Name, Description, Actions, DataActions: [], AssignableScopes }
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
