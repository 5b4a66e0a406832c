import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { Container, Service, TopologySpreadConstraint } from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import {
  accountOf,
  configOf,
  type KubernetesInstallation,
  labelsOf,
  manifestFile,
  metadataOf,
  nameOf,
  podOf,
} from './kubernetes-parts.ts'
import { type InstallFile, stopSeconds } from './types.ts'

export interface KubernetesHosts extends KubernetesInstallation {
  /** Pods; each is a host. */
  readonly hosts: number
  /** TCP ports that they call: of the hub, the clouds, and the database. */
  readonly ports: readonly number[]
}

const port = 9464
/** The end of a pod comes a little later than the end that it was asked for. Unit: seconds. */
const graceSeconds = stopSeconds + 30

/** Hosts that share a coordinator. They keep nothing: what one knew the next one reads from the database. */
export function kubernetesHostsFile(installation: KubernetesHosts): InstallFile {
  return manifestFile(installation, headerOf(installation), [
    accountOf(installation),
    ...configOf(installation),
    deployment(installation),
    budget(installation),
    service(installation),
    policy(installation),
  ])
}

const hostLabels = (installation: KubernetesHosts) => ({
  ...labelsOf(installation),
  'app.kubernetes.io/component': 'host',
})

function deployment(installation: KubernetesHosts): Deployment {
  const labels = hostLabels(installation)
  const args = ['capacity', 'serve', '--listen', `0.0.0.0:${port}`]
  const state = { name: 'state', emptyDir: {} }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(installation),
    spec: {
      replicas: installation.hosts,
      selector: { matchLabels: labels },
      // Ready is who was answered by the coordinator: a version that cannot be is not rolled out further.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      minReadySeconds: 10,
      revisionHistoryLimit: 3,
      template: {
        metadata: {
          labels,
          annotations: {
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': String(port),
            'prometheus.io/path': '/metrics',
          },
        },
        spec: {
          terminationGracePeriodSeconds: graceSeconds,
          topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(key =>
            apart(key, labels),
          ),
          ...podOf(installation, args, container(installation), state),
        },
      },
    },
  }
}

/** Without a limit of CPU: a host that is held back beats too late, and loses its works. */
function container(installation: KubernetesHosts): Partial<Container> {
  const secretKeyRef = { name: nameOf(installation), key: 'AGENTCTL_COORDINATOR' }
  return {
    env: [
      { name: 'AGENTCTL_HOST', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'AGENTCTL_COORDINATOR', valueFrom: { secretKeyRef } },
    ],
    ports: [{ name: 'metrics', containerPort: port }],
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'metrics' },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' }, periodSeconds: 5, timeoutSeconds: 5 },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
  }
}

/** A node, or a zone, that fails takes as few of them along as can be; of the same version, while that changes. */
function apart(topologyKey: string, matchLabels: Record<string, string>): TopologySpreadConstraint {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels },
    matchLabelKeys: ['pod-template-hash'],
  }
}

function budget(installation: KubernetesHosts): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(installation),
    spec: { maxUnavailable: 1, selector: { matchLabels: hostLabels(installation) } },
  }
}

/** Its name stands for the addresses of all of them. */
function service(installation: KubernetesHosts): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(installation),
    spec: {
      clusterIP: 'None',
      selector: hostLabels(installation),
      ports: [{ name: 'metrics', port, targetPort: 'metrics' }],
    },
  }
}

function policy(installation: KubernetesHosts): NetworkPolicy {
  const tcp = (one: number) => ({ protocol: 'TCP', port: one })
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(installation),
    spec: {
      podSelector: { matchLabels: hostLabels(installation) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(port)] }],
      egress: [{ ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }, { ports: installation.ports.map(tcp) }],
    },
  }
}

function headerOf(installation: KubernetesHosts): readonly string[] {
  const name = nameOf(installation)
  return [
    `The secret ${name} holds AGENTCTL_COORDINATOR, the address of the database with its password, and the`,
    'variables that the configuration refers to:',
    `  kubectl --namespace ${installation.namespace} create secret generic ${name} --from-env-file=FILE`,
    'Rights in a cloud come by an annotation of the ServiceAccount: docs/many-hosts.md says which.',
    `The NetworkPolicy lets them call TCP ports ${installation.ports.join(', ')}, and names: where the database has another port,`,
    'or credentials come from an address of the node (GKE, EKS Pod Identity), it needs one rule more.',
  ]
}
