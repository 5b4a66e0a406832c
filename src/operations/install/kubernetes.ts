import type { CronJobSpec } from 'kubernetes-types/batch/v1.js'
import {
  accountOf,
  configOf,
  type KubernetesInstallation,
  manifestFile,
  metadataOf,
  nameOf,
  podOf,
} from './kubernetes-parts.ts'
import { type InstallFile, runArgs } from './types.ts'

/** A CronJob without any right in its cluster; its volume keeps the journal from run to run. */
export function kubernetesFile(installation: KubernetesInstallation): InstallFile {
  const metadata = metadataOf(installation)
  return manifestFile(installation, headerOf(installation), [
    accountOf(installation),
    ...configOf(installation),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: cronJob(installation) },
  ])
}

function cronJob(installation: KubernetesInstallation): CronJobSpec {
  const resources = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } }
  const state = { name: 'state', persistentVolumeClaim: { claimName: nameOf(installation) } }
  return {
    schedule: '* * * * *',
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 30,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 180,
        template: {
          spec: { restartPolicy: 'Never', ...podOf(installation, runArgs, { resources }, state) },
        },
      },
    },
  }
}

function headerOf(installation: KubernetesInstallation): readonly string[] {
  const name = nameOf(installation)
  return [
    `The secret ${name} holds the variables that the configuration refers to:`,
    `  kubectl --namespace ${installation.namespace} create secret generic ${name} --from-env-file=FILE`,
  ]
}
