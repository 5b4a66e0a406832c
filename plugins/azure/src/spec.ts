import { contractError, type JsonSchema, problemsOf, type Scope, scopeKey } from '@agentctl/contract'
import { z } from 'zod'
import { imagePattern } from './image-name.ts'
import { scopeOf } from './names.ts'
import { groupName, type Settings, subscriptionId } from './settings.ts'
import { userTagsMax } from './tags.ts'

const armId = (what: string, pattern: RegExp) => z.string().regex(pattern, `is no id of a ${what}`)
const inGroup = '^/subscriptions/[^/]+/resourceGroups/[^/]+/providers'
const choice = z.enum(['auto', 'on', 'off']).default('auto')
const distinct = (list: readonly string[]) => new Set(list).size === list.length

const source = z.strictObject({
  location: z
    .string()
    .regex(/^[a-z0-9]{3,40}$/, 'is no location such as westeurope')
    .describe('Where machines are made, such as westeurope'),
  subscription: subscriptionId.optional().describe("Left out, the settings' or AZURE_SUBSCRIPTION_ID"),
  'resource-group': groupName
    .optional()
    .describe("One that is there, for agentctl alone; left out, the settings' or agentctl-OWNER"),
  image: z
    .string()
    .regex(imagePattern, 'is no urn PUBLISHER:OFFER:SKU:VERSION and no id of an image or gallery image')
    .describe(
      'A urn PUBLISHER:OFFER:SKU:VERSION, or the id of a gallery image (its newest version or one), or of an image',
    ),
  sizes: z
    .array(z.string().regex(/^Standard_\w+$/, 'is no size such as Standard_D2s_v5'))
    .min(1)
    .refine(distinct, 'repeat')
    .describe('In the order to try them'),
  zones: z
    .array(z.string().regex(/^[1-9]$/, 'is no zone such as "1"'))
    .refine(distinct, 'repeat')
    .default([])
    .describe('In the order to try them; none leaves the place in the location to Azure'),
  market: z
    .array(z.enum(['spot', 'on-demand']))
    .min(1)
    .refine(distinct, 'repeat')
    .default(['on-demand'])
    .describe('In the order to try them'),
  'spot-price-max': z
    .number()
    .positive()
    .optional()
    .describe('In US dollars an hour; left out, up to the price on demand'),
  subnet: armId(
    'subnet',
    new RegExp(`${inGroup}/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+$`, 'i'),
  ).describe('Its id'),
  'security-group': armId(
    'network security group',
    new RegExp(`${inGroup}/Microsoft.Network/networkSecurityGroups/[^/]+$`, 'i'),
  )
    .optional()
    .describe("Its id; left out, the subnet's own rules hold"),
  'public-address': z.boolean().default(false).describe('An address of its own on the internet'),
  'disk-gb': z.number().int().min(1).max(4095).optional().describe("Left out, the image's own size"),
  'disk-type': z
    .enum(['Standard_LRS', 'StandardSSD_LRS', 'Premium_LRS'])
    .default('StandardSSD_LRS')
    .describe('Of a disk that is not ephemeral'),
  'ephemeral-disk': choice.describe("On the host's own disk, where the size has room for disk-gb (auto)"),
  'trusted-launch': choice.describe('Secure boot and a virtual TPM, where size and image allow it (auto)'),
  'ssh-key': z
    .string()
    .regex(/^ssh-(rsa|ed25519) [A-Za-z0-9+/=]+( .*)?$/, 'is no public key such as "ssh-rsa AAAA…"')
    .optional()
    .describe('A public key; left out, one whose private half nobody has'),
  'admin-user': z
    .string()
    .regex(
      /^(?!(root|admin|administrator|user|test|guest)$)[a-z_][a-z0-9_-]{0,30}$/,
      'is no name that Azure allows',
    )
    .default('agentctl')
    .describe('Name of the login that Azure asks for'),
  tags: z
    .record(
      z
        .string()
        .min(1)
        .max(512)
        .regex(/^(?!agentctl-)[^<>%&\\?/]+$/i, 'is no tag name of a user'),
      z.string().max(256),
    )
    .refine(tags => Object.keys(tags).length <= userTagsMax, `are more than ${userTagsMax}`)
    .default({})
    .describe(`Your own, at most ${userTagsMax}, on machine, interface and address`),
})

type Source = z.output<typeof source>
/** A spec whose place is known. */
export interface AzureSpec extends Omit<Source, 'subscription' | 'resource-group'> {
  readonly subscription: string
  readonly group: string
}

export const specSchema: JsonSchema = z.toJSONSchema(source, { io: 'input' })

/** Pure. @throws `invalid-spec` with every problem at once */
export function parseSpec(raw: unknown, settings: Settings, owner: string): AzureSpec {
  const result = source.safeParse(raw)
  const problems = result.success ? [] : [...problemsOf(result.error, 'spec')]
  const named = raw instanceof Object && 'subscription' in raw
  if (!named && settings.subscription === undefined) {
    const message = 'is missing: set it here, in providers: azure:, or in AZURE_SUBSCRIPTION_ID'
    problems.push({ path: 'spec.subscription', message })
  }
  if (!result.success || problems.length > 0) {
    throw contractError('invalid-spec', 'The spec for the provider azure is not valid', {
      problems,
      hint: 'Every key is in the README of the provider azure.',
    })
  }
  const { subscription = settings.subscription ?? '', 'resource-group': group, ...rest } = result.data
  return {
    ...rest,
    subscription: subscription.toLowerCase(),
    group: (group ?? settings.group ?? `agentctl-${owner}`).toLowerCase(),
  }
}

export function scopesOf(specs: readonly AzureSpec[]): readonly Scope[] {
  return [...new Map(specs.map(scopeOf).map(scope => [scopeKey(scope), scope])).values()]
}
