import { type ConnectHint, contractError, type ResourceRef } from '@agentctl/contract'
import type { Arm } from './arm.ts'
import type { Context } from './context.ts'
import { hasCode, isNotFound } from './errors.ts'
import { findMachine } from './machines.ts'
import { isResourceName, placeOf } from './names.ts'
import { ownershipOf } from './tags.ts'

const tailBytes = 65_536
/** For how long the URL of the console's blob is good; it is used at once. Unit: minutes. */
const sasMinutes = 1

/** The end of the serial log that boot diagnostics keep, also after the power-off; empty when there is none yet. */
export async function consoleTail(
  { owner }: Context,
  arm: Arm,
  ref: ResourceRef,
  signal: AbortSignal,
): Promise<string> {
  if (ref.kind !== 'instance' || !isResourceName(ref.id)) return ''
  const { group } = placeOf(ref.scope)
  const found = await findMachine(arm, group, ref.id, signal)
  if (!found) return ''
  if (!ownershipOf(found.tags ?? {}, owner, 0)) {
    throw contractError('not-owned', `instance ${ref.id} has no tag of this owner`)
  }
  const url = await blobOf(arm, group, ref.id, signal)
  return url === undefined ? '' : readTail(url, signal)
}

async function blobOf({ compute }: Arm, group: string, name: string, abortSignal: AbortSignal) {
  try {
    const options = { sasUriExpirationTimeInMinutes: sasMinutes, abortSignal }
    const { serialConsoleLogBlobUri } = await compute.virtualMachines.retrieveBootDiagnosticsData(
      group,
      name,
      options,
    )
    return serialConsoleLogBlobUri
  } catch (error) {
    // Not before the machine has a host.
    if (isNotFound(error) || hasCode(error, 'OperationNotAllowed', 'Conflict')) return undefined
    throw error
  }
}

/** The URL gives the blob to whoever has it, so it is in no message. */
async function readTail(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal }).catch(error => {
    if (signal.aborted) throw error
    throw contractError('unavailable', 'The blob of the serial console could not be read')
  })
  if (answer.status === 404) return ''
  if (!answer.ok) {
    throw contractError('unavailable', `The blob of the serial console answered ${answer.status}`)
  }
  const bytes = Buffer.from(await answer.arrayBuffer())
  // A page blob is filled up with zeros.
  const text = bytes.subarray(-tailBytes).toString().replaceAll('\0', '')
  return lastBytes(text)
}

/** A character that was cut in two is longer as text than it was. */
function lastBytes(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.length <= tailBytes
    ? text
    : bytes
        .subarray(-tailBytes)
        .toString()
        .replace(/^\uFFFD+/, '')
}

export function connect({ id, scope }: ResourceRef): ConnectHint {
  const { subscription, group } = placeOf(scope)
  return {
    command: ['az', 'serial-console', 'connect', '--subscription', subscription, '-g', group, '-n', id],
    note: 'With ssh-key: of the spec set, and a way to its address: ssh agentctl@ADDRESS.',
  }
}
