import type { Unit } from '@agentctl/contract'
import { isoImage } from './iso.ts'

/** cloud-init's NoCloud finds a disk by this label. */
const label = 'cidata'

/** The disk that gives a unit its user data, byte for byte. Pure. */
export function seedImage(unit: Unit, id: string, userData: Uint8Array): Uint8Array {
  const metaData = {
    'instance-id': id,
    'local-hostname': hostNameOf(unit.name),
    // A launch of several units has one user data: a guest learns from here which of them it is.
    'agentctl-unit-index': unit.index,
  }
  return isoImage(label, [
    { name: 'meta-data', bytes: Buffer.from(`${JSON.stringify(metaData)}\n`) },
    { name: 'user-data', bytes: userData },
  ])
}

/** The agent's name as a host name: at most 63 of `[a-z0-9-]`, no hyphen at either end. */
function hostNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
  return plain.replaceAll(/^-|-$/g, '') || 'agent'
}
