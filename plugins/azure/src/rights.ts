import { contractError, type Rights, type RightsRequest } from '@agentctl/contract'
import { readImage } from './image-name.ts'
import { actionsFor } from './permissions.ts'
import { readSecretRef } from './secret-ref.ts'
import { parseSettings } from './settings.ts'
import { type AzureSpec, parseSpec } from './spec.ts'

/** The right to read one secret; it is of Key Vault's data, not of its management. */
const readSecret = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'
const placeholder = '00000000-0000-0000-0000-000000000000'

/** A custom role, as `az role definition create` takes it. */
interface Role {
  readonly Name: string
  readonly Description: string
  readonly Actions: readonly string[]
  readonly DataActions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

/** A role, and what it is to be assigned on: a role itself knows groups and subscriptions only. */
interface Grant {
  readonly role: Omit<Role, 'AssignableScopes'>
  readonly on: readonly string[]
}

/** Pure. @throws `unsupported` where tokens are to be kept apart */
export function rights({ owner, settings, specs, secrets, tokenBuckets }: RightsRequest): Rights {
  if (tokenBuckets.length > 0) {
    throw contractError('unsupported', 'The provider azure has no store for tokens', {
      hint: 'Leave token-delivery: out of pools on Azure: custom data is not in their metadata service.',
    })
  }
  const known = parseSettings(settings, {})
  const filled = { ...known, subscription: known.subscription ?? placeholder }
  const parsed = specs.map(raw => parseSpec(raw, filled, owner))
  const grants = [...machineGrants(owner, parsed), ...secretGrants(owner, secrets)]
  const document = grants.map(
    ({ role, on }): Role => ({ ...role, AssignableScopes: distinct(on.map(groupOf)) }),
  )
  const note = [
    'Save each as role.json, then: az role definition create --role-definition role.json. Then assign them:',
    ...grants.flatMap(({ role, on }) =>
      on.map(
        scope => `az role assignment create --assignee PRINCIPAL --role "${role.Name}" --scope ${scope}`,
      ),
    ),
    ...(parsed.some(({ subscription }) => subscription === placeholder)
      ? [`Put your subscription in the place of ${placeholder}.`]
      : []),
    'The rights to make and end hold in the resource group alone: give agentctl one of its own. Azure has no condition on tags for these actions.',
    ...(secrets.length > 0
      ? ['The vault has to use Azure role-based access control; put its SUBSCRIPTION and GROUP in.']
      : []),
  ].join('\n')
  return { document, note }
}

function machineGrants(owner: string, specs: readonly AzureSpec[]): readonly Grant[] {
  if (specs.length === 0) return []
  const actions = actionsFor(specs)
  const subscriptions = specs.map(({ subscription }) => `/subscriptions/${subscription}`)
  const groups = specs.map(
    ({ subscription, group }) => `/subscriptions/${subscription}/resourceGroups/${group}`,
  )
  const used = specs.flatMap(spec => [spec.subnet, spec['security-group'] ?? [], imageOf(spec)].flat())
  return [
    grant(`agentctl ${owner} machines`, 'Makes, sees and ends machines of agentctl', actions.group, groups),
    grant(
      `agentctl ${owner} reads`,
      'Sees states, sizes, quotas and images',
      actions.subscription,
      subscriptions,
    ),
    grant(`agentctl ${owner} uses`, 'Puts machines into a subnet, from an image', actions.used, used),
  ]
}

/** A gallery's image, of whatever version; nothing for one of the marketplace. */
function imageOf({ image }: AzureSpec): readonly string[] {
  const name = readImage(image)
  return name.kind === 'urn' ? [] : [name.id.replace(/\/versions\/[^/]+$/i, '')]
}

function secretGrants(owner: string, secrets: readonly string[]): readonly Grant[] {
  if (secrets.length === 0) return []
  const on = secrets.map(readSecretRef).map(({ vault, name }) => {
    const [vaultName = ''] = new URL(vault).hostname.split('.')
    const group = '/subscriptions/SUBSCRIPTION/resourceGroups/GROUP'
    return `${group}/providers/Microsoft.KeyVault/vaults/${vaultName}/secrets/${name}`
  })
  const { role, on: scopes } = grant(`agentctl ${owner} secrets`, 'Reads secrets of agentctl', [], on)
  return [{ role: { ...role, DataActions: [readSecret] }, on: scopes }]
}

function grant(Name: string, Description: string, Actions: readonly string[], on: readonly string[]): Grant {
  return { role: { Name, Description, Actions, DataActions: [] }, on: distinct(on) }
}

/** The resource group of an id, or the subscription where it is one. */
function groupOf(id: string): string {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? id
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
