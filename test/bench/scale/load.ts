import { launchIdOf } from '../../../src/fleet/launch-id.ts'

/** How much there is of everything. Times in milliseconds. */
export interface Load {
  readonly owner: string
  /** Each with an agent type of its own: as many works as pools. */
  readonly pools: number
  /** Regions, over which the pools are spread. */
  readonly scopes: number
  /** Machines that are alive at once, once as many end as begin. */
  readonly live: number
  readonly jobsPerMinute: number
  /** From the create call to the agent's first word. */
  readonly bootMs: number
  /** How long the cloud shows a machine that has ended. */
  readonly shownMs: number
  readonly seed: string
}

/** So many live machines for so many jobs mean jobs of this length. */
export function jobMsOf({ live, jobsPerMinute, bootMs }: Load): number {
  return Math.max(1_000, (live / jobsPerMinute) * 60_000 - bootMs)
}

/** Most machines of a pool: three times what it has on average, and some for chance. */
export function poolMax({ live, pools }: Load): number {
  return Math.ceil((3 * live) / pools) + 10
}

export const regionAt = ({ scopes }: Load, pool: number) => `bench-${(pool % scopes) + 1}`
export const poolAt = (pool: number) => `p${pool}`
export const typeAt = (pool: number) => `s1-t${pool}`
export const tokenAt = (pool: number) => `registration-token-${pool}`
export const apiToken = 'api-token-0123456789'
export const offeringIdOf = (region: string) => `small/${region}/on-demand`

export function jobIdAt(count: number): string {
  return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`
}

/** What a host would have named the launch of that job. */
export function launchIdAt(load: Load, pool: number, jobId: string): string {
  return launchIdOf({
    owner: load.owner,
    agentType: typeAt(pool),
    wants: [jobId],
    attempt: 1,
    offeringId: offeringIdOf(regionAt(load, pool)),
  })
}

/** The configuration of every host, as a file: JSON is YAML. */
export function configOf(load: Load, endpoint: string): string {
  const all = Array.from({ length: load.pools }, (_, pool) => pool)
  return JSON.stringify({
    owner: load.owner,
    endpoint,
    'no-https': true,
    'api-token': 'env:BENCH_API',
    capacity: { max: 3 * load.live },
    providers: { bench: { endpoint } },
    'agent-types': Object.fromEntries(
      all.map(pool => [
        typeAt(pool),
        { token: `env:BENCH_TOKEN_${pool}`, binding: 'job', pools: [poolAt(pool)] },
      ]),
    ),
    pools: Object.fromEntries(
      all.map(pool => [
        poolAt(pool),
        {
          provider: 'bench',
          capacity: { max: poolMax(load) },
          spec: { region: regionAt(load, pool) },
        },
      ]),
    ),
  })
}

/** What that configuration refers to. */
export function secretsOf({ pools }: Load): Record<string, string> {
  const tokens = Array.from({ length: pools }, (_, pool) => [`BENCH_TOKEN_${pool}`, tokenAt(pool)] as const)
  return { BENCH_API: apiToken, ...Object.fromEntries(tokens) }
}
