import type { CreateFault } from './knobs.ts'

/**
 * What the next matching call meets. `lose-request`: the connection breaks before anything has happened.
 * `lose-reply`: it breaks after everything has. `hang`: everything happens, and no answer comes, ever.
 */
export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly code: string
      readonly message?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'lose-request' | 'lose-reply' | 'hang' }

interface Armed {
  readonly route: string
  readonly fault: Fault
  left: number
  skip: number
}

export interface Faults {
  /** `route` as in the table of handlers, such as `PUT virtualMachines/:name`; `*` for any. `skip`: calls that go well before. */
  arm(route: string, fault: Fault, options?: { readonly times?: number; readonly skip?: number }): void
  take(route: string): Fault | undefined
  armCreate(...faults: readonly CreateFault[]): void
  takeCreate(): CreateFault | undefined
  clear(): void
}

export function createFaults(): Faults {
  const armed: Armed[] = []
  const creates: CreateFault[] = []
  return {
    arm: (route, fault, { times = 1, skip = 0 } = {}) => void armed.push({ route, fault, left: times, skip }),
    take(route) {
      const found = armed.find(one => one.left > 0 && (one.route === '*' || one.route === route))
      if (!found) return undefined
      if (found.skip > 0) {
        found.skip -= 1
        return undefined
      }
      found.left -= 1
      return found.fault
    },
    armCreate: (...faults) => void creates.push(...faults),
    takeCreate: () => creates.shift(),
    clear: () => {
      armed.length = 0
      creates.length = 0
    },
  }
}
