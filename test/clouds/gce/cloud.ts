import { createHash } from 'node:crypto'
import { notFound, Refusal } from './answers.ts'
import { base, project } from './inventory.ts'
import { defaultKnobs, type Knobs } from './knobs.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import type { Address, Disk, Instance, Operation, OperationError } from './types.ts'

export interface Machine {
  readonly zone: string
  readonly instance: Instance
  console: string
  /** Set while a delete is under way. */
  isDeleting: boolean
  /** Counts starts and stops: what was planned for a former life is void. */
  life: number
}

/** The state of the emulated project. */
export interface Cloud {
  readonly knobs: Knobs
  readonly timeline: Timeline
  /** By {@link keyOf}. */
  readonly machines: Map<string, Machine>
  readonly disks: Map<string, Disk>
  readonly addresses: Map<string, Address>
  readonly operations: Map<string, Operation>
  /** Request ids that were used, with the operation that each stands for. */
  readonly requests: Map<string, string>
  /** Everything that was ever made, for what a test asks at the end. */
  readonly history: {
    readonly name: string
    readonly zone: string
    readonly labels: Record<string, string>
  }[]
  nextId(): string
  stamp(time?: number): string
}

export function createCloud(): Cloud {
  let ids = 4_000_000_000_000_000n
  const timeline = createTimeline()
  return {
    knobs: defaultKnobs(),
    timeline,
    machines: new Map(),
    disks: new Map(),
    addresses: new Map(),
    operations: new Map(),
    requests: new Map(),
    history: [],
    nextId: () => String(++ids),
    stamp: (time = timeline.now()) => new Date(time).toISOString().replace('Z', '-00:00'),
  }
}

export function keyOf(place: string, name: string): string {
  return `${place}/${name}`
}

export function zoneUrl(zone: string): string {
  return `${base}projects/${project}/zones/${zone}`
}

export function regionUrl(region: string): string {
  return `${base}projects/${project}/regions/${region}`
}

export function instanceUrl(zone: string, name: string): string {
  return `${zoneUrl(zone)}/instances/${name}`
}

export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 12)
}

export function machineAt(cloud: Cloud, zone: string, name: string): Machine {
  const machine = cloud.machines.get(keyOf(zone, name))
  if (!machine) throw notFound(`projects/${project}/zones/${zone}/instances/${name}`)
  return machine
}

/** @throws 412 where the caller has seen another state */
export function assertFingerprint(given: string | undefined, current: string | undefined): void {
  if (given === current) return
  throw new Refusal(
    412,
    'conditionNotMet',
    'Supplied fingerprint does not match current metadata fingerprint.',
  )
}

export interface Change {
  readonly type: string
  readonly zone?: string
  readonly region?: string
  readonly targetLink: string
  readonly targetId: string
  readonly ms: number
  readonly requestId?: string | undefined
  /** What the operation does at its end; what it returns is its error. */
  readonly effect: () => OperationError | undefined
}

/** An operation that is under way, and comes to its end by itself. */
export function begin(cloud: Cloud, change: Change): Operation {
  const { timeline, stamp, operations } = cloud
  const id = cloud.nextId()
  const name = `operation-${id}`
  const place = change.zone ? zoneUrl(change.zone) : regionUrl(change.region ?? '')
  const operation: Operation = {
    kind: 'compute#operation',
    id,
    name,
    ...(change.zone ? { zone: place } : { region: place }),
    selfLink: `${place}/operations/${name}`,
    operationType: change.type,
    targetLink: change.targetLink,
    targetId: change.targetId,
    status: 'RUNNING',
    progress: 0,
    insertTime: stamp(),
    startTime: stamp(),
    user: `agentctl@${project}.iam.gserviceaccount.com`,
  }
  operations.set(name, operation)
  if (change.requestId) cloud.requests.set(change.requestId, name)
  timeline.at(timeline.now() + change.ms, () => {
    const error = change.effect()
    Object.assign(operation, { status: 'DONE', progress: 100, endTime: stamp() })
    if (error) {
      const httpErrorStatusCode = error.code.startsWith('ZONE') ? 503 : 403
      const httpErrorMessage = httpErrorStatusCode === 503 ? 'SERVICE UNAVAILABLE' : 'FORBIDDEN'
      Object.assign(operation, { error: { errors: [error] }, httpErrorStatusCode, httpErrorMessage })
    }
  })
  return operation
}
