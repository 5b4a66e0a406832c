import type { Finding, Offering } from '@agentctl/contract'
import { machineBody } from './body.ts'
import { isNamed, rightIn, toContractError } from './errors.ts'
import type { Image, Reading } from './reads.ts'
import { offeringsOf, type Subnet } from './spec.ts'
import { asTags } from './tags.ts'

/**
 * A dry run of the launch for each market shows all its rights: on image, subnet, groups, volume, tags, profile, and on
 * spot requests. EC2 answers it without making anything. Source: EC2 API reference, RunInstances, 2026-11.
 */
export async function rightsFindings(
  reading: Reading,
  image: Image,
  subnets: readonly Subnet[],
  offered: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const offerings = offeringsOf(reading.spec, subnets, (type, zone) => offered.has(`${type} ${zone}`))
  const firsts = new Map(offerings.toReversed().map(one => [one.market, one]))
  return Promise.all([...firsts.values()].toReversed().map(one => dryRun(reading, image, one)))
}

async function dryRun(
  { context, spec, signal }: Reading,
  { id: imageId, rootDevice }: Image,
  offering: Offering,
): Promise<Finding> {
  const ec2 = await context.clients.write(spec.region)
  const tags = asTags({ ...spec.tags, 'agentctl-owner': context.owner })
  const body = machineBody({ spec, imageId, rootDevice }, offering, tags)
  const what = `a dry run of the ${offering.market} launch`
  try {
    await ec2.runInstances({ ...body, MaxCount: 1, DryRun: true }, { abortSignal: signal })
    return { level: 'unproven', subject: 'rights', message: `${what} was answered as no dry run is` }
  } catch (error) {
    if (!isNamed(error, 'DryRunOperation')) return refusal(error, what, spec['instance-profile'])
    return { level: 'ok', subject: 'rights', message: `a launch is allowed, by ${what}` }
  }
}

/** @throws `unauthenticated`, which is about more than the launch */
function refusal(error: unknown, what: string, profile: string | undefined): Finding {
  const { code, message, fault = message, hint } = toContractError(error, what)
  const fix = hint === undefined ? {} : { fix: hint }
  if (code === 'unauthenticated') throw error
  if (code === 'permission-denied') {
    const possible = `ec2:RunInstances, ec2:CreateTags${profile === undefined ? '' : ' or iam:PassRole'}`
    const words = `${what} misses ${rightIn(fault) ?? possible} (${fault})`
    return { level: 'problem', subject: 'rights', message: words, ...fix, code }
  }
  if (code === 'invalid-spec') {
    const subject = /instance ?profile/i.test(fault) ? 'spec.instance-profile' : 'spec'
    return { level: 'problem', subject, message: fault, fix: `Correct ${subject}.` }
  }
  return { level: 'unproven', subject: 'rights', message: fault, ...fix }
}
