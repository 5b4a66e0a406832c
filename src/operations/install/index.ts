import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CoordinatorAddress } from '../../config/types.ts'
import type { Context } from '../context.ts'
import { refuseBesideCoordinator } from '../one-controller.ts'
import { cronFile } from './cron.ts'
import { kubernetesFile } from './kubernetes.ts'
import { kubernetesHostsFile } from './kubernetes-hosts.ts'
import { portsOf } from './ports.ts'
import { hostFiles, serveFiles, timerFiles } from './systemd.ts'
import type { Installation, InstallFile } from './types.ts'

export interface InstallRequest extends Pick<Installation, 'program' | 'user' | 'envFile'> {
  /** `hosts`: on Kubernetes, sharing a coordinator. */
  readonly kind: 'cron' | 'timer' | 'serve' | 'kubernetes' | 'hosts'
  readonly image: string
  readonly namespace: string
  readonly hosts: number
}

/** The files of a schedule; nothing is written. The configuration holds references to secrets, never secrets. */
export async function installFiles(
  context: Context,
  { kind, image, namespace, hosts, ...rest }: InstallRequest,
): Promise<readonly InstallFile[]> {
  const { settings, configFile } = context
  if (kind !== 'serve' && kind !== 'hosts') refuseBesideCoordinator(context, 'capacity run')
  const { owner } = settings
  const path = configFile === undefined ? undefined : resolve(configFile)
  if (kind === 'kubernetes' || kind === 'hosts') {
    const config = path === undefined ? undefined : await readFile(path, 'utf8')
    const pods = { owner, image, namespace, ...(config !== undefined && { config }) }
    return [
      kind === 'kubernetes'
        ? kubernetesFile(pods)
        : kubernetesHostsFile({ ...pods, hosts, ports: portsOf(settings) }),
    ]
  }
  const installation = { ...rest, owner, ...(path !== undefined && { configFile: path }) }
  if (kind === 'cron') return [cronFile(installation)]
  if (kind === 'timer') return timerFiles(installation)
  return settings.coordinator
    ? hostFiles(installation, addressFile(settings.coordinator))
    : serveFiles(installation)
}

function addressFile(coordinator: CoordinatorAddress): string | undefined {
  if (coordinator.kind !== 'reference' || coordinator.ref.scheme !== 'file') return undefined
  return resolve(coordinator.ref.name)
}
