import type { Clock } from '@agentctl/contract'

/** A machine as this cloud tells of it. */
export interface Machine {
  readonly name: string
  readonly region: string
  readonly size: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  readonly userData: Uint8Array
  /** By the cloud's clock. Unit: milliseconds since the epoch. */
  readonly createdAt: number
}

export type Order = Pick<Machine, 'name' | 'region' | 'size' | 'labels' | 'userData'>

/** An error in this cloud's own words. */
export interface CloudError extends Error {
  readonly cloudCode: string
}

export type Operation = 'create' | 'list' | 'get' | 'remove' | 'relabel' | 'sizes'

/** What the next call of an operation meets, for tests: an error, before or after its effect, or no answer ever. */
export interface Fault {
  readonly on: Operation | 'any'
  readonly meets: 'error' | 'error-after-effect' | 'silence'
  readonly cloudCode?: string
  /** Calls that pass before the one that is met. */
  readonly skip?: number
}

/** Small, so that a few launches need a second page. */
const pageSize = 2

/**
 * A cloud in this process's memory, so that the plugin works from the first minute. It stands where your cloud's
 * client will be: replace this file by calls of the client, and keep the machines of the tests in an emulator.
 */
export function createCloud(clock: Clock) {
  const machines = new Map<string, Machine>()
  const faults: Fault[] = []

  const find = (name: string): Machine => {
    const machine = machines.get(name)
    if (!machine) throw cloudError('NotFound', `no machine ${name}`)
    return machine
  }
  const change = (name: string, part: Partial<Machine>) => machines.set(name, { ...find(name), ...part })

  /** One call over the wire, with the fault that waits for it. */
  async function answer<T>(operation: Operation, signal: AbortSignal, effect: () => T): Promise<T> {
    signal.throwIfAborted()
    const fault = takeFault(faults, operation)
    if (fault?.meets === 'silence') return silence(signal)
    if (fault?.meets === 'error') throw cloudError(fault.cloudCode ?? 'Internal', 'a fault of the test')
    const value = effect()
    if (fault) throw cloudError(fault.cloudCode ?? 'ConnectionLost', 'a fault of the test')
    return value
  }

  return {
    sizes: (_region: string, signal: AbortSignal) =>
      answer('sizes', signal, (): Readonly<Record<string, number>> => ({ small: 0.02, large: 0.08 })),

    create: (order: Order, signal: AbortSignal) =>
      answer('create', signal, () => {
        if (machines.has(order.name)) throw cloudError('NameTaken', `there is a machine ${order.name}`)
        const machine = { ...order, status: 'UP', createdAt: clock.now() }
        machines.set(order.name, machine)
        return machine
      }),

    get: (name: string, signal: AbortSignal) => answer('get', signal, () => find(name)),

    /** One page, by name; `next` is where the following one starts. */
    list: (region: string, label: readonly [string, string], after: string, signal: AbortSignal) =>
      answer('list', signal, () => {
        const found = [...machines.values()]
          .filter(machine => machine.region === region && machine.labels[label[0]] === label[1])
          .filter(({ name }) => name > after)
          .sort((one, other) => (one.name < other.name ? -1 : 1))
        const page = found.slice(0, pageSize)
        return { page, next: found.length > pageSize ? page.at(-1)?.name : undefined }
      }),

    remove: (name: string, signal: AbortSignal) =>
      answer('remove', signal, () => {
        find(name)
        machines.delete(name)
      }),

    relabel: (name: string, labels: Machine['labels'], signal: AbortSignal) =>
      answer('relabel', signal, () => void change(name, { labels })),

    /** What tests do past the provider. */
    outside: {
      machines: () => [...machines.values()],
      arm: (fault: Fault) => void faults.push(fault),
      setStatus: (name: string, status: string) => void change(name, { status }),
    },
  }
}

export type Cloud = ReturnType<typeof createCloud>

function takeFault(faults: Fault[], operation: Operation): Fault | undefined {
  const index = faults.findIndex(({ on }) => on === operation || on === 'any')
  const fault = faults[index]
  if (!fault) return undefined
  const { skip = 0 } = fault
  if (skip === 0) faults.splice(index, 1)
  else faults[index] = { ...fault, skip: skip - 1 }
  return skip === 0 ? fault : undefined
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function cloudError(cloudCode: string, message: string): CloudError {
  return Object.assign(new Error(message), { cloudCode })
}

export function isCloudError(value: unknown): value is CloudError {
  return value instanceof Error && 'cloudCode' in value
}
