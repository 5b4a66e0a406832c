import type { Clock } from '@agentctl/contract'
import type { SimCoordinatorHost, SimHost } from '@agentctl/provider-sim'
import type { Installation } from './installation.ts'

const never = new Promise<never>(() => {})

/** One process on one host. Whatever it waits for may never come, or come much later. */
export interface Seat {
  readonly host: string
  readonly clock: Clock
  readonly cloud: SimHost
  readonly coordinator: SimCoordinatorHost
  /** Every answer to it passes here. */
  pass(name: string): Promise<void>
  /** As SIGKILL does. */
  drop(): void
  /** As SIGSTOP does, or a host that sleeps: nothing in it goes on before `wake`. */
  suspend(): void
  wake(): void
  /** Runs `meet` at the boundary of that number, from 1, or of that name, of those passed from now on. */
  at(point: number | string, meet: () => void): void
  /** Goes on, and meets nothing more. */
  calm(): void
  isDropped(): boolean
  /** Resolves once it is not suspended. */
  awake(): Promise<void>
  /** Names of the boundaries at which it died or was suspended. */
  readonly met: readonly string[]
}

export function createSeat(
  { sim, coordinator }: Pick<Installation, 'sim' | 'coordinator'>,
  host: string,
  aheadMs: () => number,
): Seat {
  let isDropped = false
  let sleeping: PromiseWithResolvers<void> | undefined
  let points: { readonly point: number | string; passed: number; readonly meet: () => void }[] = []
  const met: string[] = []

  const awake = async () => {
    while (sleeping) await sleeping.promise
    if (isDropped) await never
  }
  const wake = () => {
    sleeping?.resolve()
    sleeping = undefined
  }
  const pass = async (name: string) => {
    if (isDropped) await never
    for (const one of points) one.passed += 1
    const due = points.filter(({ point, passed }) => point === name || point === passed)
    points = points.filter(one => !due.includes(one))
    for (const { meet } of due) {
      met.push(name)
      meet()
    }
    await awake()
  }
  const cloud = sim.host((boundary, operation) => pass(`${boundary} ${operation}`), aheadMs)
  const seat = coordinator.host((boundary, call) => pass(`${boundary} ${call}`))
  return {
    host,
    cloud,
    coordinator: seat,
    pass,
    awake,
    met,
    clock: {
      now: cloud.clock.now,
      async sleep(ms, signal) {
        await cloud.clock.sleep(ms, signal)
        await awake()
      },
    },
    drop() {
      isDropped = true
      cloud.drop()
      seat.drop()
      wake()
    },
    suspend() {
      sleeping ??= Promise.withResolvers<void>()
    },
    wake,
    at: (point, meet) => void points.push({ point, passed: 0, meet }),
    calm() {
      points = []
      wake()
    },
    isDropped: () => isDropped,
  }
}
