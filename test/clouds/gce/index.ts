import { type Cloud, createCloud, keyOf, machineAt } from './cloud.ts'
import { createFaults, type Faults } from './faults.ts'
import { project } from './inventory.ts'
import type { Knobs } from './knobs.ts'
import { preempt, stop } from './lifecycle.ts'
import { futureStatus, listen, type Wire } from './serve.ts'
import { metadataService, permissionService, type Service } from './services.ts'
import type { Instance } from './types.ts'

export { project } from './inventory.ts'
export { quotaExceeded, stockOut, stockOutWithDetails } from './knobs.ts'

/** A machine as somebody outside of the provider sees it. */
export interface Guest {
  /** `ZONE/NAME` */
  readonly id: string
  readonly zone: string
  readonly name: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  readonly isSpot: boolean
  /** What cloud-init would find; undefined once it was taken away. */
  readonly userData: Uint8Array | undefined
}

/** An emulated Compute Engine, on a port of its own. */
export interface Gce extends AsyncDisposable {
  readonly project: string
  readonly host: string
  readonly port: number
  /** What a controller needs to find it: the endpoints and a token. */
  readonly env: Readonly<Record<string, string>>
  readonly knobs: Knobs
  readonly faults: Faults
  readonly cloud: Cloud
  /** Shapes that are not as Google describes them; a test that leaves any here fails. */
  readonly violations: readonly string[]
  guests(): readonly Guest[]
  /** As the guest itself does it; the machine stays, TERMINATED. */
  powerOff(id: string): void
  preempt(id: string): void
  writeConsole(id: string, text: string): void
  /** Shows the machine in a status that nobody knows yet. */
  setFutureStatus(id: string): void
  /** Calls so far by route, such as `POST zones/:zone/instances`. */
  calls(): Readonly<Record<string, number>>
  /** Rejects the token of the next call. */
  rejectToken(): void
  /** Moves the time on. */
  advance(ms: number): void
  /** One line for each thing with these labels, `agentctl-owner` above all. */
  left(owner?: string): readonly string[]
  /** Everything that was ever made with an owner's label. */
  history(): Cloud['history']
}

export async function startGce(
  change: Partial<Knobs> = {},
  more: (cloud: Cloud) => readonly Service[] = () => [],
): Promise<Gce> {
  const cloud = createCloud()
  Object.assign(cloud.knobs, change)
  const wire: Wire = {
    cloud,
    faults: createFaults(),
    counts: new Map(),
    violations: [],
    services: [metadataService, permissionService(cloud), ...more(cloud)],
    isTokenRejected: false,
  }
  const { host, port, close } = await listen(wire)
  const at = (id: string) => {
    cloud.timeline.catchUp()
    const [zone = '', name = ''] = id.split('/')
    return machineAt(cloud, zone, name)
  }
  return {
    project,
    host,
    port,
    env: envFor(`${host}:${port}`),
    knobs: cloud.knobs,
    faults: wire.faults,
    cloud,
    violations: wire.violations,
    guests() {
      cloud.timeline.catchUp()
      return [...cloud.machines.values()].map(({ zone, instance }) => guestOf(zone, instance))
    },
    powerOff: id => stop(cloud, at(id)),
    preempt: id => preempt(cloud, at(id)),
    writeConsole(id, text) {
      at(id).console += text
    },
    setFutureStatus(id) {
      at(id).instance.status = futureStatus
    },
    calls: () => Object.fromEntries(wire.counts),
    rejectToken() {
      wire.isTokenRejected = true
    },
    advance: ms => cloud.timeline.advance(ms),
    left(owner) {
      cloud.timeline.catchUp()
      return leftIn(cloud, owner)
    },
    history: () => cloud.history,
    async [Symbol.asyncDispose]() {
      await close()
      if (wire.violations.length > 0)
        throw new Error(`exchanges with wrong shapes:\n${wire.violations.join('\n')}`)
    },
  }
}

function envFor(address: string): Readonly<Record<string, string>> {
  const overrides = ['COMPUTE', 'CLOUDRESOURCEMANAGER', 'SECRETMANAGER', 'STORAGE', 'IAM'].map(name => [
    `CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`,
    `http://${address}/${name === 'COMPUTE' ? 'compute/v1/' : ''}`,
  ])
  return {
    ...Object.fromEntries(overrides),
    GCE_METADATA_HOST: address,
    METADATA_SERVER_DETECTION: 'assume-present',
    GOOGLE_CLOUD_PROJECT: project,
  }
}

function guestOf(zone: string, instance: Instance): Guest {
  const items = instance.metadata?.items ?? []
  const value = (key: string) => items.find(item => item.key === key)?.value
  const text = value('user-data')
  const encoding = value('user-data-encoding') === 'base64' ? 'base64' : 'utf8'
  return {
    id: keyOf(zone, instance.name),
    zone,
    name: instance.name,
    status: instance.status ?? '',
    labels: instance.labels ?? {},
    isSpot: instance.scheduling?.provisioningModel === 'SPOT',
    userData: text === undefined ? undefined : Buffer.from(text, encoding),
  }
}

function leftIn(cloud: Cloud, owner: string | undefined): readonly string[] {
  const isHis = ({ labels = {} }: { labels?: Record<string, string> }) =>
    owner === undefined || labels['agentctl-owner'] === owner
  return [
    ...[...cloud.machines.values()]
      .filter(({ instance }) => isHis(instance))
      .map(({ zone, instance }) => `instance ${zone}/${instance.name} ${instance.status}`),
    ...[...cloud.disks.values()].filter(isHis).map(({ name }) => `disk ${name}`),
    ...[...cloud.addresses.values()].filter(isHis).map(({ name }) => `address ${name}`),
  ]
}
