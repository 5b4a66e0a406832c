import type { LaunchRequest } from '@agentctl/contract'
import { bootFolder } from './guest/entry.ts'
import { seedFolder } from './guest/linux.ts'
import { containerName } from './labels.ts'
import { type TarEntry, tarOf } from './tar.ts'

/**
 * The archive that is unpacked at the container's root before its start: its guest's user data and deadline, which are
 * in no image, argument, variable or label. Pure.
 */
export function deliveryFor(request: LaunchRequest, unitIndex: number, expiresAt: number): Uint8Array {
  const boot = bootFolder.slice(1)
  const deadline = Buffer.from(`${Math.floor(expiresAt / 1000)}\n`)
  // Whoever runs the entry command, by whatever name the image knows him, has to read and remove these.
  const common: readonly TarEntry[] = [
    { path: `${boot}/`, mode: 0o777 },
    { path: `${boot}/deadline`, mode: 0o444, data: deadline },
  ]
  if (request.resolved.guest === 'process') {
    return tarOf([...common, { path: `${boot}/user-data`, mode: 0o444, data: request.userData }])
  }
  return tarOf([
    ...common,
    { path: 'var/lib/cloud/seed/', mode: 0o755 },
    { path: `${seedFolder}/`, mode: 0o700 },
    { path: `${seedFolder}/user-data`, mode: 0o600, data: request.userData },
    { path: `${seedFolder}/meta-data`, mode: 0o600, data: metaData(request, unitIndex) },
  ])
}

/** JSON is YAML, which NoCloud reads. */
function metaData({ launchId }: LaunchRequest, unitIndex: number): Uint8Array {
  const name = containerName(launchId, unitIndex)
  return Buffer.from(
    JSON.stringify({ 'instance-id': name, 'local-hostname': name, 'ami-launch-index': unitIndex }),
  )
}
