import { stringify } from 'yaml'
import { type InstallFile, runArgs } from './types.ts'

export interface KubernetesInstallation {
  readonly owner: string
  /** With the command `agentctl` in its PATH. */
  readonly image: string
  readonly namespace: string
  /** The configuration's text; without it a ConfigMap of that name has to be there. */
  readonly config?: string
}

const container = {
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
}

/** A CronJob without any right in its cluster; its volume keeps the journal from run to run. */
export function kubernetesFile({ owner, image, namespace, config }: KubernetesInstallation): InstallFile {
  const name = `agentctl-${owner}`
  const metadata = {
    name,
    namespace,
    labels: { 'app.kubernetes.io/name': 'agentctl', 'app.kubernetes.io/instance': owner },
  }
  const documents = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    ...(config === undefined
      ? []
      : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'agentctl.yml': config } }]),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: cronJob(name, image) },
  ]
  const text = documents.map(document => stringify(document)).join('---\n')
  return { path: `${name}.yaml`, text: `${header(name, namespace)}${text}` }
}

function cronJob(name: string, image: string) {
  const podSpec = {
    restartPolicy: 'Never',
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      ...{ runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001 },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'agentctl',
        image,
        command: ['agentctl', ...runArgs, '--config', '/etc/agentctl/agentctl.yml'],
        env: [
          { name: 'AGENTCTL_STATE_DIR', value: '/var/lib/agentctl' },
          { name: 'HOME', value: '/tmp' },
        ],
        envFrom: [{ secretRef: { name } }],
        ...container,
        volumeMounts: [
          { name: 'state', mountPath: '/var/lib/agentctl' },
          { name: 'config', mountPath: '/etc/agentctl', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'state', persistentVolumeClaim: { claimName: name } },
      { name: 'config', configMap: { name } },
      { name: 'tmp', emptyDir: {} },
    ],
  }
  return {
    schedule: '* * * * *',
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 30,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      spec: { backoffLimit: 0, activeDeadlineSeconds: 180, template: { spec: podSpec } },
    },
  }
}

const header = (
  name: string,
  namespace: string,
) => `# The secret ${name} holds the variables that the configuration refers to:
#   kubectl --namespace ${namespace} create secret generic ${name} --from-env-file=FILE
`
