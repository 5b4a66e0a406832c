import type { Finding } from '@agentctl/contract'
import { z } from 'zod'
import type { Compute } from './api.ts'
import type { Context } from './context.ts'
import { endpointOf } from './endpoint.ts'
import { toContractError } from './errors.ts'
import { lastOf } from './ids.ts'
import { permissionsFor } from './permissions.ts'
import { hasNetwork, type Region, readImage, readRegion, readTypes } from './reads.ts'
import { problemsWith, zonesIn } from './resolve.ts'
import type { GcpSpec } from './spec.ts'
import { askJson } from './wire.ts'

/** Reads only: the image, the types, the network, quotas, permissions. Rule P2 */
export async function preflight(
  context: Context,
  compute: Compute,
  spec: GcpSpec,
): Promise<readonly Finding[]> {
  const region = await readRegion(compute, spec.region)
  const [image, types] = await Promise.all([readImage(compute, spec), readTypes(compute, spec)])
  const problems = problemsWith(spec, image, types).map(
    ({ path, message }): Finding => ({ level: 'problem', subject: path, message, fix: 'Correct the spec.' }),
  )
  const zones = zonesIn(spec, types)
  const machines = spec.types
    .filter(type => zones(type).length > 0)
    .map(
      (type): Finding => ({ level: 'ok', subject: 'types', message: `${type}: ${zones(type).join(', ')}` }),
    )
  return [
    {
      level: 'ok',
      subject: 'image',
      message: `${image.path}, ${image.architecture}, ${image.diskSizeGb} GB`,
    },
    ...machines,
    ...problems,
    ...quotaFindings(region, spec),
    ...(await networkFindings(compute, spec)),
    await permissionFinding(context, compute, spec),
    ...unproven(spec),
  ]
}

/** Quotas that every machine takes from. Machine families have more of their own, which only a launch meets. */
const commonQuotas: readonly string[] = ['CPUS', 'INSTANCES', 'DISKS_TOTAL_GB', 'SSD_TOTAL_GB']

function quotaFindings({ quotas }: Region, { market }: GcpSpec): readonly Finding[] {
  const names = [...commonQuotas, ...(market.includes('spot') ? ['PREEMPTIBLE_CPUS'] : [])]
  return quotas
    .filter(({ metric }) => names.includes(metric))
    .map(({ metric, limit, usage }): Finding => {
      const message = `${metric}: ${usage} of ${limit} used`
      // Without a quota of its own, spot takes from that of all machines.
      if (metric === 'PREEMPTIBLE_CPUS' && limit === 0) {
        return { level: 'ok', subject: 'quota', message: 'spot takes from the quota CPUS' }
      }
      if (usage < limit) return { level: 'ok', subject: 'quota', message }
      const fix = 'Ask for more under "Quotas" of the project, or end what uses it.'
      return { level: 'problem', subject: 'quota', message, fix }
    })
}

async function networkFindings(compute: Compute, spec: GcpSpec): Promise<readonly Finding[]> {
  const { project, network = 'default', subnetwork, region } = spec
  const partsOf = (path: string) => /^projects\/([^/]+)\//.exec(path)?.[1] ?? project
  const wanted = subnetwork
    ? { kind: 'subnetworks' as const, name: subnetwork, request: { region, subnetwork: lastOf(subnetwork) } }
    : { kind: 'networks' as const, name: network, request: { network: lastOf(network) } }
  const subject = wanted.kind.slice(0, -1)
  const request = { project: partsOf(wanted.name), ...wanted.request }
  if (await hasNetwork(compute, wanted.kind, request)) {
    return [{ level: 'ok', subject, message: `${wanted.name} is there` }]
  }
  const fix = `Correct spec.${subject}, or give the controller the right to read it.`
  return [{ level: 'problem', subject, message: `there is no ${subject} ${wanted.name}`, fix }]
}

const granted = z.object({ permissions: z.array(z.string()).default([]) })

async function permissionFinding(
  context: Context,
  { project, bounds }: Compute,
  spec: GcpSpec,
): Promise<Finding> {
  const permissions = permissionsFor([spec])
  const subject = 'permissions'
  const endpoint = endpointOf('cloudresourcemanager', context.env)
  const path = `/v3/projects/${project}:testIamPermissions`
  try {
    const answer = await askJson(
      context.credentials,
      endpoint,
      { method: 'POST', path, body: { permissions } },
      bounds.signal,
    )
    const had = granted.parse(answer ?? {}).permissions
    const missing = permissions.filter(one => !had.includes(one))
    if (missing.length === 0) return { level: 'ok', subject, message: `all ${permissions.length} are there` }
    const fix = 'Give the controller the role that "agentctl providers policy gcp" prints.'
    return { level: 'problem', subject, message: `missing on ${project}: ${missing.join(', ')}`, fix }
  } catch (error) {
    const { message } = toContractError(error, 'the question for permissions', context.clock.now())
    const fix = 'Enable it: gcloud services enable cloudresourcemanager.googleapis.com.'
    return { level: 'unproven', subject, message, fix }
  }
}

function unproven(spec: GcpSpec): readonly Finding[] {
  const account = spec['service-account']
  const findings: readonly (readonly [boolean, Finding])[] = [
    [
      !spec['external-address'],
      {
        level: 'unproven',
        subject: 'internet',
        message: 'machines have no external address; whether the subnetwork has Cloud NAT was not looked at',
        fix: 'Make a Cloud NAT for it, or set external-address: true.',
      },
    ],
    [
      account !== undefined,
      {
        level: 'unproven',
        subject: 'service-account',
        message: `whether the controller may use ${account} shows at the first launch`,
        fix: 'Give it the role "Service Account User" on that account.',
      },
    ],
  ]
  return findings.flatMap(([isSo, finding]) => (isSo ? [finding] : []))
}
