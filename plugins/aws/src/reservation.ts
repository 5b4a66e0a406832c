import type { Finding } from '@agentctl/contract'
import { exists } from './exists.ts'
import type { Reading, SubnetFacts } from './reads.ts'

/**
 * A reservation is of one type in one zone, and gives nothing to other machines.
 * Source: EC2 user guide, "Reserve compute capacity with EC2 On-Demand Capacity Reservations", 2026-11.
 */
export async function reservationFindings(
  { ec2, spec, signal }: Reading,
  subnets: readonly SubnetFacts[],
): Promise<readonly Finding[]> {
  const id = spec['capacity-reservation']
  if (id === undefined) return []
  return exists('capacity-reservation', id, async () => {
    const { CapacityReservations: [found] = [] } = await ec2.describeCapacityReservations(
      { CapacityReservationIds: [id] },
      { abortSignal: signal },
    )
    const { State, InstanceType: type = '', AvailabilityZone: zone = '' } = found ?? {}
    if (State !== 'active') return `${id} is ${State ?? 'not there'}`
    if (!spec.types.includes(type)) return `${id} is for ${type}, and spec.types has ${spec.types.join(', ')}`
    if (subnets.some(subnet => subnet.zone === zone)) return undefined
    return `${id} is in ${zone}, and the subnets are in ${subnets.map(subnet => subnet.zone).join(', ')}`
  })
}
