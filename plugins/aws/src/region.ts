import { contractError } from '@agentctl/contract'
import type { DescribeRegionsResult } from '@aws-sdk/client-ec2'
import type { Context } from './context.ts'
import { isNamed } from './errors.ts'

/** Where a partition can be asked about its regions. Source: AWS general reference, "AWS partitions", 2026-11. */
const homes = [
  { prefix: 'cn-', region: 'cn-north-1' },
  { prefix: 'us-gov-', region: 'us-gov-west-1' },
  { prefix: '', region: 'us-east-1' },
] as const

/** One read. @throws `invalid-spec` for a region that is not there, or that the account has not opted in to */
export async function assertRegion(
  { clients }: Context,
  region: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const home = homes.find(({ prefix }) => region.startsWith(prefix))?.region ?? 'us-east-1'
  const ec2 = await clients.read(home)
  const { Regions = [] }: DescribeRegionsResult = await ec2
    .describeRegions({ AllRegions: true }, { abortSignal })
    .catch(error => {
      // Without the right to ask, the calls to come will tell.
      if (isNamed(error, 'UnauthorizedOperation', 'AccessDenied'))
        return { Regions: [{ RegionName: region }] }
      throw error
    })
  const found = Regions.find(({ RegionName }) => RegionName === region)
  if (found && found.OptInStatus !== 'not-opted-in') return
  const why = found
    ? `the account has not opted in to ${region}: enable it under "AWS Regions" of the account`
    : `there is no region ${region}; there are ${Regions.map(({ RegionName }) => RegionName)
        .toSorted()
        .join(', ')}`
  throw contractError('invalid-spec', `EC2 cannot be used in ${region}`, {
    problems: [{ path: 'spec.region', message: why }],
  })
}
