import {
  assertOpen,
  type Call,
  contractError,
  type Instance,
  type LaunchRequest,
  type LaunchResult,
  within,
} from '@agentctl/contract'
import { capabilities } from './capabilities.ts'
import { isCloudError, type Machine } from './cloud.ts'
import { toContractError } from './errors.ts'
import { labelsOf, toInstance } from './labels.ts'
import type { Seat } from './seat.ts'

/** The launch id is the machine's name, and a name is given once: that is what makes a repeat harmless (rule L1). */
export async function launch(seat: Seat, request: LaunchRequest, call: Call): Promise<LaunchResult> {
  const { cloud, owner, clock } = seat
  const what = `nimbus: launch ${request.launchId}`
  assertOpen({ what, call, clock })
  assertFits(request)
  const { launchId, offering, userData } = request
  const machine = await within(
    {
      what,
      call,
      clock,
      toError: error => toContractError(error, what, true),
      late: () => 'outcome-unknown',
    },
    async signal => {
      const { region } = offering.scope
      const order = {
        name: launchId,
        region,
        size: offering.type,
        labels: labelsOf(owner, request),
        userData,
      }
      try {
        return await cloud.create(order, signal)
      } catch (error) {
        if (isCloudError(error) && error.cloudCode === 'NameTaken') return cloud.get(launchId, signal)
        throw error
      }
    },
  )
  return { instances: [adopted(seat, request, machine, call)] }
}

/** Rule U1: before any call. */
function assertFits({ userData, launchId }: LaunchRequest): void {
  const { userDataBytesMax } = capabilities
  if (userData.byteLength <= userDataBytesMax) return
  const message = `nimbus: user data of ${launchId} has ${userData.byteLength} bytes, ${userDataBytesMax} at most`
  throw contractError('invalid-spec', message, { problems: [{ path: 'userData', message: 'is too long' }] })
}

/** Rules L2 and L6: a machine of that name is the answer where it is ours, of this very request, and not over. */
function adopted({ owner }: Seat, request: LaunchRequest, machine: Machine, call: Call): Instance {
  const instance = toInstance(machine, owner, call.log)
  if (!instance || instance.ownership.digest !== request.digest) {
    throw contractError('conflict', `nimbus: ${machine.name} stands for another request`)
  }
  if (instance.state === 'stopped' || instance.state === 'failed') {
    throw contractError('launch-spent', `nimbus: ${machine.name} has ended`, { fault: machine.status })
  }
  return instance
}
