import type { ConnectHint, ResourceRef } from '@agentctl/contract'
import { type Compute, serialOutput } from './api.ts'
import type { Context } from './context.ts'
import { hasReason, isNotFound } from './errors.ts'
import { findInstance } from './find.ts'
import { placeOf } from './ids.ts'

const tailBytes = 65_536

/** The end of the first serial port; empty where there is no machine, or it has no port yet. */
export async function consoleTail(context: Context, compute: Compute, ref: ResourceRef): Promise<string> {
  const place = placeOf(ref)
  if (!place || ref.kind !== 'instance') return ''
  if (!(await findInstance(context, compute, place))) return ''
  try {
    return lastBytes(await serialOutput(compute, place.at, place.name, tailBytes))
  } catch (error) {
    if (isNotFound(error) || hasReason(error, 'resourceNotReady')) return ''
    throw error
  }
}

/** Google cuts between bytes, and what is no character takes more room than it had. */
function lastBytes(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.length <= tailBytes ? text : bytes.subarray(bytes.length - tailBytes + 3).toString()
}

/** Through Identity-Aware Proxy, so that a machine needs no address of its own. Pure. */
export function connect({ scope, id }: ResourceRef): ConnectHint {
  const [zone = '', name = ''] = id.split('/')
  return {
    command: [
      'gcloud',
      'compute',
      'ssh',
      name,
      `--zone=${zone}`,
      `--project=${scope.account}`,
      '--tunnel-through-iap',
    ],
    note: 'Needs a firewall rule for 35.235.240.0/20 on port 22, and the role "IAP-secured Tunnel User".',
  }
}
