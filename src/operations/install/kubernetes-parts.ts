import type { Container, EnvVar, PodSpec, ServiceAccount, Volume } from 'kubernetes-types/core/v1.js'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js'
import { stringify } from 'yaml'
import type { InstallFile } from './types.ts'

export interface KubernetesInstallation {
  readonly owner: string
  /** With the command `agentctl` in its PATH. */
  readonly image: string
  readonly namespace: string
  /** The configuration's text; without it a ConfigMap of that name has to be there. */
  readonly config?: string
}

/** Nobody in particular: it has no name in the image, and is not root. */
const user = { runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001 }

export const nameOf = ({ owner }: KubernetesInstallation): string => `agentctl-${owner}`

export const labelsOf = ({ owner }: KubernetesInstallation): Record<string, string> => ({
  'app.kubernetes.io/name': 'agentctl',
  'app.kubernetes.io/instance': owner,
})

export function metadataOf(installation: KubernetesInstallation): ObjectMeta {
  const { namespace } = installation
  return { name: nameOf(installation), namespace, labels: labelsOf(installation) }
}

/** Without any right in the cluster. The rights in a cloud are bound to it by an annotation. */
export function accountOf(installation: KubernetesInstallation): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(installation),
    automountServiceAccountToken: false,
  }
}

export function configOf(installation: KubernetesInstallation) {
  const { config } = installation
  if (config === undefined) return []
  const metadata = metadataOf(installation)
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'agentctl.yml': config } }]
}

/** What both kinds of pods may: nothing but to run, in files of their own. As the profile `restricted` asks. */
export function podOf(
  installation: KubernetesInstallation,
  args: readonly string[],
  container: Partial<Container> & { readonly env?: EnvVar[] },
  state: Volume,
): PodSpec {
  const name = nameOf(installation)
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, ...user, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'agentctl',
        image: installation.image,
        command: ['agentctl', ...args, '--config', '/etc/agentctl/agentctl.yml'],
        envFrom: [{ secretRef: { name } }],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: state.name, mountPath: '/var/lib/agentctl' },
          { name: 'config', mountPath: '/etc/agentctl', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
        ...container,
        env: [
          // Where nobody names it, it is made of the host's name, and each pod has another one.
          { name: 'AGENTCTL_OWNER', value: installation.owner },
          { name: 'AGENTCTL_STATE_DIR', value: '/var/lib/agentctl' },
          { name: 'HOME', value: '/tmp' },
          ...(container.env ?? []),
        ],
      },
    ],
    volumes: [state, { name: 'config', configMap: { name } }, { name: 'tmp', emptyDir: {} }],
  }
}

export function manifestFile(
  installation: KubernetesInstallation,
  header: readonly string[],
  documents: readonly object[],
): InstallFile {
  const comment = header.map(line => `# ${line}\n`.replace(/ +\n/, '\n')).join('')
  const text = documents.map(document => stringify(document, { aliasDuplicateObjects: false })).join('---\n')
  return { path: `${nameOf(installation)}.yaml`, text: `${comment}${text}` }
}
