import tls from 'node:tls'
import { type Cloud, createCloud, keyOf, machineAt, subscription, tenant } from './cloud.ts'
import { remove } from './create.ts'
import type { Faults } from './faults.ts'
import type { Knobs } from './knobs.ts'
import { futurePower, listen, type Wire } from './serve.ts'
import { clientSecret } from './services.ts'
import { type Certificates, makeCertificates } from './tls.ts'
import type { Machine, Part } from './types.ts'
import { loadValidator } from './validate.ts'

export { location } from './catalogue.ts'
export { subscription } from './cloud.ts'

/** A machine as somebody outside of the provider sees it. */
export interface Guest {
  readonly id: string
  readonly group: string
  readonly provisioning: string
  readonly power: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly isSpot: boolean
  /** What cloud-init would find. */
  readonly userData: Uint8Array
}

/** An emulated Azure Resource Manager with its login, on a port of its own, by HTTPS. */
export interface Arm extends AsyncDisposable {
  readonly base: string
  readonly group: string
  readonly subnetId: string
  readonly cloud: Cloud
  readonly knobs: Knobs
  readonly faults: Faults
  /** What a controller in a process of its own needs to find it. */
  readonly env: Readonly<Record<string, string>>
  readonly violations: readonly string[]
  guests(): readonly Guest[]
  parts(): readonly Part[]
  /** As the guest itself does it: it stays allocated, and billed. */
  powerOff(id: string): void
  /** The spot market takes it back, with what is to go with it. */
  evict(id: string): void
  writeConsole(id: string, text: string): void
  /** Shows the machine in a state that nobody knows yet. */
  setFuturePower(id: string): void
  /** Calls so far by route, such as `PUT virtualMachines/:name`. */
  calls(): Readonly<Record<string, number>>
  rejectToken(): void
  expireOperations(): void
  advance(ms: number): void
  /** One line for each thing that is there, with these tags or this in its name. */
  left(owner?: string): readonly string[]
  history(): readonly Machine[]
}

export const group = 'ci-agents'
const subnetId = `/subscriptions/${subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/ci/subnets/agents`

export async function startArm(change: Partial<Knobs> = {}): Promise<Arm> {
  const cloud = createCloud()
  Object.assign(cloud.knobs, change)
  const certificates = makeCertificates()
  // For providers in this very process; a spawned command line gets NODE_EXTRA_CA_CERTS.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificates.ca])
  const wire: Wire = {
    cloud,
    validate: await loadValidator(),
    counts: new Map(),
    violations: [],
    isTokenRejected: false,
  }
  const { base, close } = await listen(wire, certificates)
  return {
    ...viewOf(wire),
    base,
    env: envFor(base, certificates),
    [Symbol.asyncDispose]: () => end(wire, close, certificates),
  }
}

async function end({ violations }: Wire, close: () => Promise<void>, certificates: Certificates) {
  await close()
  certificates[Symbol.dispose]()
  if (violations.length > 0)
    throw new Error(`exchanges with wrong shapes:\n${[...new Set(violations)].slice(0, 20).join('\n')}`)
}

function viewOf(wire: Wire): Omit<Arm, 'base' | 'env' | typeof Symbol.asyncDispose> {
  const { cloud } = wire
  const at = (id: string) => {
    cloud.timeline.catchUp()
    return machineAt(cloud, group, id)
  }
  return {
    group,
    subnetId,
    cloud,
    knobs: cloud.knobs,
    faults: cloud.faults,
    violations: wire.violations,
    guests() {
      cloud.timeline.catchUp()
      return [...cloud.machines.values()].map(guestOf)
    },
    parts() {
      cloud.timeline.catchUp()
      return [...cloud.parts.values()]
    },
    powerOff(id) {
      at(id).power = 'stopped'
    },
    evict: id => void remove(cloud, group, at(id).name),
    writeConsole(id, text) {
      at(id).console += text
    },
    setFuturePower(id) {
      at(id).power = futurePower
    },
    calls: () => Object.fromEntries(wire.counts),
    rejectToken() {
      wire.isTokenRejected = true
    },
    expireOperations() {
      for (const operation of cloud.operations.values()) operation.isExpired = true
    },
    advance: ms => cloud.timeline.advance(ms),
    left(owner) {
      cloud.timeline.catchUp()
      return leftIn(cloud, owner)
    },
    history: () => cloud.history,
  }
}

function envFor(base: string, { caFile }: Certificates): Readonly<Record<string, string>> {
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_AUTHORITY_HOST: base,
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: '77777777-1111-4222-8333-444444444444',
    AZURE_CLIENT_SECRET: clientSecret,
    AZURE_SUBSCRIPTION_ID: subscription,
    AGENTCTL_AZURE_ENDPOINT: base,
  }
}

function guestOf({ name, group: where, provisioning, power, tags, body }: Machine): Guest {
  return {
    id: name,
    group: where,
    provisioning,
    power,
    tags,
    isSpot: body.properties.priority === 'Spot',
    userData: Buffer.from(body.properties.osProfile?.customData ?? '', 'base64'),
  }
}

function leftIn({ machines, parts }: Cloud, owner: string | undefined): readonly string[] {
  const isHis = ({
    tags,
    name,
  }: {
    readonly tags: Readonly<Record<string, string>>
    readonly name: string
  }) => owner === undefined || tags['agentctl-owner'] === owner || name.startsWith(`${owner}-`)
  return [
    ...[...machines.values()]
      .filter(isHis)
      .map(({ name, provisioning, power }) => `instance ${name} ${provisioning} ${power}`),
    ...[...parts.values()].filter(isHis).map(({ kind, name }) => `${kind} ${name}`),
  ]
}

/** A machine that somebody else has in the same group. */
export function addForeign({ machines, timeline, nextId }: Cloud, name: string): void {
  machines.set(keyOf(group, name), {
    group,
    name,
    body: {
      location: 'westeurope',
      properties: {
        hardwareProfile: { vmSize: 'Standard_D2s_v5' },
        storageProfile: { osDisk: { createOption: 'FromImage' } },
      },
    },
    createdAt: timeline.now(),
    vmId: nextId(),
    tags: { team: 'other' },
    etag: 1,
    provisioning: 'Succeeded',
    power: 'running',
    fault: undefined,
    console: '',
  })
}
