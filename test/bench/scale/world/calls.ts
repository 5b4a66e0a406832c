/** What the world is asked for. `list` is a page. */
export const callNames = [
  'launch',
  'list',
  'terminate',
  'console',
  'queue',
  'metrics',
  'agents',
  'job',
  'throttled',
] as const
export type CallName = (typeof callNames)[number]

export interface Calls {
  readonly counts: Readonly<Record<CallName, number>>
  note(name: CallName): void
  /** Takes a token of what a region grants in its time; false when it has none. */
  admit(name: CallName, region: string): boolean
  /** The same for so many machines of one call. */
  admitMachines(region: string, count: number): boolean
}

/** Of each account and region. Source: EC2 developer guide, "Request throttling", and measurements of it, 2026-11. */
const rates: Readonly<Partial<Record<CallName | 'machines', readonly [burst: number, perSecond: number]>>> = {
  launch: [5, 2],
  machines: [1_000, 2],
  terminate: [100, 5],
  list: [100, 20],
  console: [100, 20],
}

export function createCalls(now: () => number): Calls {
  const counts = Object.fromEntries(callNames.map(name => [name, 0])) as Record<CallName, number>
  const buckets = new Map<string, { tokens: number; at: number }>()

  function take(name: keyof typeof rates, region: string, count: number): boolean {
    const [burst, perSecond] = rates[name] ?? [1, 1]
    const key = `${name} ${region}`
    const before = buckets.get(key) ?? { tokens: burst, at: now() }
    const tokens = Math.min(burst, before.tokens + ((now() - before.at) / 1_000) * perSecond)
    const isGranted = tokens >= count
    buckets.set(key, { tokens: isGranted ? tokens - count : tokens, at: now() })
    if (!isGranted) counts.throttled += 1
    return isGranted
  }

  return {
    counts,
    note(name) {
      counts[name] += 1
    },
    admit: (name, region) => take(name, region, 1),
    admitMachines: (region, count) => take('machines', region, count),
  }
}
