import type { InsertFault } from './insert.ts'

/**
 * What the next matching call meets. `lose-request`: the connection breaks before anything has happened.
 * `lose-reply`: it breaks after everything has. `hang`: everything happens, and no answer comes, ever.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly reason: string; readonly info?: string }
  | { readonly kind: 'lose-request' | 'lose-reply' | 'hang' }

interface Armed {
  /** A route as in the handlers' table, such as `POST zones/:zone/instances`; `*` for any. */
  readonly route: string
  readonly fault: Fault
  left: number
  /** Matching calls that go well before. */
  skip: number
}

/** What goes wrong next. */
export interface Faults {
  arm(route: string, fault: Fault, options?: { readonly times?: number; readonly skip?: number }): void
  take(route: string): Fault | undefined
  armInsert(fault: InsertFault): void
  takeInsert(): InsertFault | undefined
  clear(): void
}

export function createFaults(): Faults {
  const armed: Armed[] = []
  const inserts: InsertFault[] = []
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
    armInsert: fault => void inserts.push(fault),
    takeInsert: () => inserts.shift(),
    clear: () => {
      armed.length = 0
      inserts.length = 0
    },
  }
}
