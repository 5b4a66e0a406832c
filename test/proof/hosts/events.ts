import type { Dice } from '@agentctl/provider-sim'
import type { HostName } from './story.ts'

const second = 1_000
const minute = 60 * second
const names: readonly [HostName, ...HostName[]] = ['one', 'two', 'three']

/** Of one host. What has a length ends by itself after `forMs`; a host that is down for so long starts anew then. */
export type HostEvent = { readonly atMs: number } & (
  | {
      readonly kind: 'kill' | 'stop' | 'suspend' | 'cut'
      readonly host: HostName
      readonly forMs: number
    }
  /** Dies at the boundary of that number, from 1, or of that name, that it passes from then on. */
  | {
      readonly kind: 'kill-at' | 'suspend-at'
      readonly host: HostName
      readonly point: number | string
      readonly forMs: number
    }
  | { readonly kind: 'drain'; readonly host: HostName; readonly forMs: number }
  /** Its configuration is loaded anew. */
  | { readonly kind: 'reload'; readonly host: HostName }
  | { readonly kind: 'clock'; readonly host: HostName; readonly aheadMs: number }
  | { readonly kind: 'away'; readonly forMs: number }
)

/** Boundaries after which most is in doubt. */
const points: readonly [string, ...string[]] = [
  ...(['before-send commit', 'accepted commit', 'answered commit', 'accepted commit'] as const),
  ...['before-send launch', 'accepted launch', 'answered launch', 'before-send launch', 'accepted launch'],
  ...['before-send terminate', 'accepted terminate', 'accepted take', 'answered take', 'accepted grant'],
  ...['accepted release', 'answered load', 'accepted beat', 'answered admit', 'accepted recall'],
]

export function hostEventsOf(dice: Dice): readonly HostEvent[] {
  const atMs = () => dice.within([second, 5 * minute])
  const host = () => dice.pick(names)
  const reloads = dice.fork('reloads')
  const point = () => (dice.hits(0.5) ? dice.pick(points) : dice.within([1, 60]))
  const some = (most: number, make: () => HostEvent) =>
    Array.from({ length: dice.within([0, most]) }, (): HostEvent => make())
  const downMs = () => dice.within(dice.hits(0.5) ? [second, 15 * second] : [10 * second, 2 * minute])
  return [
    ...some(2, () => ({ atMs: atMs(), kind: 'kill', host: host(), forMs: downMs() })),
    ...some(3, () => ({ atMs: atMs(), kind: 'kill-at', host: host(), point: point(), forMs: downMs() })),
    ...some(1, () => ({ atMs: atMs(), kind: 'stop', host: host(), forMs: downMs() })),
    ...some(2, () => ({ atMs: atMs(), kind: 'suspend', host: host(), forMs: downMs() })),
    ...some(3, () => ({ atMs: atMs(), kind: 'suspend-at', host: host(), point: point(), forMs: downMs() })),
    ...some(1, () => ({ atMs: atMs(), kind: 'cut', host: host(), forMs: downMs() })),
    ...some(1, () => ({
      atMs: atMs(),
      kind: 'drain',
      host: host(),
      forMs: dice.within([30 * second, 3 * minute]),
    })),
    ...some(1, () => ({
      atMs: atMs(),
      kind: 'clock',
      host: host(),
      aheadMs: dice.within([-60 * minute, 60 * minute]),
    })),
    ...some(1, () => ({ atMs: atMs(), kind: 'away', forMs: downMs() })),
    ...(reloads.hits(0.3)
      ? [{ atMs: reloads.within([second, 5 * minute]), kind: 'reload', host: reloads.pick(names) } as const]
      : []),
  ].toSorted((one, other) => one.atMs - other.atMs)
}
