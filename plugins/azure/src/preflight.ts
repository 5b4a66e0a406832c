import type { Finding } from '@agentctl/contract'
import { z } from 'zod'
import type { Arm } from './arm.ts'
import { hasStatus, toContractError } from './errors.ts'
import { findImage, type Image } from './images.ts'
import { actionsFor, missingIn } from './permissions.ts'
import { readSizes, type Size } from './sizes.ts'
import type { AzureSpec } from './spec.ts'

const permissionsVersion = '2022-04-01'
const networkVersion = '2022-11-01'

interface Look {
  readonly arm: Arm
  readonly armOf: (subscription: string) => Promise<Arm>
  readonly spec: AzureSpec
  readonly signal: AbortSignal
}

/** Reads only: group, rights, sizes, quota, image, subnet. Rule P2. */
export async function preflight(look: Look): Promise<readonly Finding[]> {
  const { arm, spec, signal } = look
  const sizes = await readSizes(arm, spec.location, spec.sizes, signal)
  const found = await Promise.all([
    rightFindings(look),
    quotaFindings(look, sizes),
    imageFindings(look),
    subnetFinding(look),
  ])
  return [...sizeFindings(spec, sizes), ...found.flat(), ...joinFindings(spec), unproven]
}

const unproven: Finding = {
  level: 'unproven',
  subject: 'capacity',
  message: 'whether there are hosts for these sizes now only a launch shows',
}

function joinFindings({ 'security-group': id }: AzureSpec): readonly Finding[] {
  if (id === undefined) return []
  const message = 'whether it is there, and may be used, only a launch shows'
  return [{ level: 'unproven', subject: 'security-group', message }]
}

async function rightFindings({ arm, spec, signal }: Look): Promise<readonly Finding[]> {
  const subject = 'rights'
  const { group: inGroup, used } = actionsFor([spec])
  const at = `/subscriptions/${spec.subscription}/resourceGroups/${spec.group}`
  const findings = await Promise.all([
    permissionsAt(arm, at, inGroup, signal),
    permissionsAt(
      arm,
      spec.subnet,
      used.filter(action => action.includes('/subnets/')),
      signal,
    ),
  ])
  const [ofGroup] = findings
  if (ofGroup === 'no such place') {
    const fix = `az group create --name ${spec.group} --location ${spec.location} --subscription ${spec.subscription}`
    return [{ level: 'problem', subject: 'resource-group', message: `${spec.group} is not there`, fix }]
  }
  const missing = findings.flatMap(one => (Array.isArray(one) ? one : []))
  if (missing.length === 0)
    return [{ level: 'ok', subject, message: 'those to make and end machines are there' }]
  const fix = 'agentctl providers policy azure prints the roles, and how to assign them.'
  return missing.map(action => ({
    level: 'problem',
    subject,
    message: `${action} is missing`,
    fix,
    code: 'permission-denied',
  }))
}

async function permissionsAt(arm: Arm, scope: string, wanted: readonly string[], signal: AbortSignal) {
  const path = `${scope}/providers/Microsoft.Authorization/permissions?api-version=${permissionsVersion}`
  const { status, body } = await arm.get(path, signal)
  if (status === 404) return 'no such place'
  return status === 200 ? missingIn(body, wanted) : wanted
}

function sizeFindings(
  { sizes: names, location, zones }: AzureSpec,
  sizes: ReadonlyMap<string, Size>,
): readonly Finding[] {
  const subject = 'sizes'
  return names.map((name): Finding => {
    const size = sizes.get(name)
    if (!size) return { level: 'problem', subject, message: `${name} is not in ${location}` }
    if (size.restriction !== undefined) {
      const message = `${name} is not for this subscription in ${location}: ${size.restriction}`
      const fix = 'Ask for it in the portal (Quotas), or take another size or location.'
      return { level: 'problem', subject, message, fix, code: 'capacity-unavailable' }
    }
    const shut = zones.filter(zone => size.isRestrictedIn.includes(zone) || !size.zones.includes(zone))
    if (shut.length === 0) return { level: 'ok', subject, message: `${name} is in ${location}` }
    return { level: 'warning', subject, message: `${name} is not to be had in zone ${shut.join(', ')}` }
  })
}

async function quotaFindings(
  { arm, spec, signal: abortSignal }: Look,
  sizes: ReadonlyMap<string, Size>,
): Promise<readonly Finding[]> {
  const usages = await Array.fromAsync(arm.compute.usage.list(spec.location, { abortSignal }))
  const byName = new Map(usages.map(one => [one.name.value?.toLowerCase() ?? '', one]))
  const wanted = [...sizes.values()].flatMap(({ family, cores }) => [
    ...(spec.market.includes('on-demand')
      ? [
          { name: family, cores },
          { name: 'cores', cores },
        ]
      : []),
    ...(spec.market.includes('spot') ? [{ name: 'lowPriorityCores', cores }] : []),
  ])
  const most = new Map<string, number>()
  for (const { name, cores } of wanted) most.set(name, Math.max(cores, most.get(name) ?? 0))
  return [...most].flatMap(([name, cores]): readonly Finding[] => {
    const usage = byName.get(name.toLowerCase())
    if (!usage) return []
    const free = usage.limit - usage.currentValue
    const message = `${free} of ${usage.limit} cores are free in ${name}`
    if (free >= cores) return [{ level: 'ok', subject: 'quota', message }]
    const fix = 'Ask for more in the portal (Quotas), or with az quota.'
    return [
      {
        level: 'problem',
        subject: 'quota',
        message: `${message}, and one machine needs ${cores}`,
        fix,
        code: 'quota-exceeded',
      },
    ]
  })
}

async function imageFindings({ arm, armOf, spec, signal }: Look): Promise<readonly Finding[]> {
  const subject = 'image'
  try {
    const image = await findImage(arm, armOf, spec, signal)
    return [
      { level: 'ok', subject, message: `${spec.image} is there, for ${image.architecture}` },
      ...planFindings(image),
    ]
  } catch (error) {
    if (!hasStatus(error, 404)) throw error
    const { message } = toContractError(error, spec.image)
    return [{ level: 'problem', subject, message, fix: 'Check image: and location: of the spec.' }]
  }
}

function planFindings({ plan }: Image): readonly Finding[] {
  if (!plan) return []
  const message = `${plan.publisher}:${plan.product}:${plan.name} is sold: whether its terms are accepted is not known`
  return [{ level: 'unproven', subject: 'image', message, fix: 'az vm image terms accept --urn URN' }]
}

const subnetShape = z.object({
  properties: z.object({
    addressPrefix: z.string().optional(),
    addressPrefixes: z.array(z.string()).default([]),
  }),
})

/** By its id, so that no other package has to be loaded for it. */
async function subnetFinding({ arm, spec, signal }: Look): Promise<Finding> {
  const subject = 'subnet'
  const name = spec.subnet.split('/').at(-1) ?? ''
  const { status, body } = await arm.get(`${spec.subnet}?api-version=${networkVersion}`, signal)
  if (status === 404) {
    return { level: 'problem', subject, message: `${name} is not there`, fix: 'Check subnet: of the spec.' }
  }
  const found = subnetShape.safeParse(body).data?.properties
  if (status !== 200 || !found) {
    return { level: 'unproven', subject, message: `${name} could not be looked at: Azure answered ${status}` }
  }
  const ranges = [
    ...(found.addressPrefix === undefined ? [] : [found.addressPrefix]),
    ...found.addressPrefixes,
  ]
  return { level: 'ok', subject, message: `${name} is there, ${ranges.join(', ')}` }
}
