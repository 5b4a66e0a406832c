import { createTimeline, type Timeline } from '../gce/timeline.ts'
import { notFound } from './answers.ts'
import { createFaults, type Faults } from './faults.ts'
import { defaultKnobs, type Knobs } from './knobs.ts'
import type { Machine, Operation, OperationError, Part } from './types.ts'

export const subscription = '11111111-2222-4333-8444-555555555555'
export const tenant = '99999999-8888-4777-8666-555555555555'

/** The state of the emulated subscription. Keys are `group/name` in lower case, since Azure tells names apart without case. */
export interface Cloud {
  readonly knobs: Knobs
  readonly faults: Faults
  readonly timeline: Timeline
  readonly groups: Set<string>
  readonly machines: Map<string, Machine>
  /** By kind and key. */
  readonly parts: Map<string, Part>
  readonly operations: Map<string, Operation>
  readonly secrets: Map<string, string>
  /** Every machine that was ever made, for what a test asks at the end. */
  readonly history: Machine[]
  nextId(): string
}

export function createCloud(): Cloud {
  let ids = 0
  return {
    knobs: defaultKnobs(),
    faults: createFaults(),
    timeline: createTimeline(),
    groups: new Set(['ci-agents', 'network']),
    machines: new Map(),
    parts: new Map(),
    operations: new Map(),
    secrets: new Map(),
    history: [],
    nextId: () => `aaaaaaaa-bbbb-4ccc-8ddd-${String(++ids).padStart(12, '0')}`,
  }
}

export function keyOf(group: string, name: string): string {
  return `${group}/${name}`.toLowerCase()
}

export function partKey(kind: Part['kind'], group: string, name: string): string {
  return `${kind} ${keyOf(group, name)}`
}

export function machineAt({ machines }: Cloud, group: string, name: string): Machine {
  const machine = machines.get(keyOf(group, name))
  if (!machine) throw notFound(`Microsoft.Compute/virtualMachines/${name}`)
  return machine
}

/** The parts of a machine that are attached to it. */
export function partsOf({ parts }: Cloud, { group, name }: Machine): readonly Part[] {
  return [...parts.values()].filter(
    part => part.machine === name && part.group.toLowerCase() === group.toLowerCase(),
  )
}

export function newOperation(cloud: Cloud): Operation {
  const operation: Operation = {
    id: cloud.nextId(),
    status: 'InProgress',
    error: undefined,
    isExpired: false,
  }
  cloud.operations.set(operation.id, operation)
  return operation
}

export function finish(operation: Operation, error?: OperationError): void {
  operation.status = error ? 'Failed' : 'Succeeded'
  operation.error = error
}
