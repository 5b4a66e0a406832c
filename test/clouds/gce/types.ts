/** The resources of Compute Engine, as far as the emulator keeps them. */

export interface Metadata {
  fingerprint?: string
  items?: { key: string; value: string }[]
}

export interface Scheduling {
  provisioningModel?: string
  automaticRestart?: boolean
  onHostMaintenance?: string
  instanceTerminationAction?: string
  maxRunDuration?: { seconds?: string | number; nanos?: number }
  terminationTime?: string
}

export interface AttachedDisk {
  boot?: boolean
  autoDelete?: boolean
  type?: string
  source?: string
  deviceName?: string
  initializeParams?: {
    sourceImage?: string
    diskSizeGb?: string | number
    diskType?: string
    labels?: Record<string, string>
  }
}

export interface Instance {
  name: string
  machineType: string
  id?: string
  zone?: string
  selfLink?: string
  status?: string
  creationTimestamp?: string
  labels?: Record<string, string>
  labelFingerprint?: string
  metadata?: Metadata
  scheduling?: Scheduling
  disks?: AttachedDisk[]
  networkInterfaces?: {
    network?: string
    subnetwork?: string
    networkIP?: string
    accessConfigs?: { type?: string; name?: string; natIP?: string }[]
  }[]
  serviceAccounts?: { email: string; scopes: string[] }[]
  resourceStatus?: { scheduling?: { terminationTimestamp?: string } }
}

export interface Disk {
  name: string
  id: string
  zone: string
  selfLink: string
  status: string
  sizeGb: string
  labels: Record<string, string>
  creationTimestamp: string
  users: string[]
}

export interface Address {
  name: string
  id: string
  region: string
  selfLink: string
  status: string
  address: string
  labels: Record<string, string>
  creationTimestamp: string
}

export interface OperationError {
  readonly code: string
  readonly message: string
}

export interface Operation {
  kind: string
  id: string
  name: string
  /** Only one of the two is there. */
  zone?: string
  region?: string
  selfLink: string
  operationType: string
  targetLink: string
  targetId: string
  status: 'PENDING' | 'RUNNING' | 'DONE'
  progress: number
  insertTime: string
  startTime: string
  endTime?: string
  user: string
  error?: { errors: OperationError[] }
  httpErrorStatusCode?: number
  httpErrorMessage?: string
}
