import { doubledJobs, minutesPastExpiry, mostAlive, type Sim } from '@agentctl/provider-sim'
import type { Job } from './queue.ts'

export interface Allowance {
  readonly mostMachines?: number
  /** Without a common journal a job may have two machines for a while, of which one ends itself. */
  readonly mayDouble?: boolean
  /** How long a machine may outlive its expiry. Unit: milliseconds. */
  readonly orphanMs?: number
}

/** What there is to look at, in the end. */
export interface Remains {
  readonly sim: Sim
  readonly owner: string
  readonly jobs: ReadonlyMap<string, Job>
  readonly lines: readonly string[]
  readonly secrets: readonly string[]
}

/** What does not hold, of all that has to, whoever controls; in words. */
export function violationsOf(
  { sim, owner, jobs, lines, secrets }: Remains,
  { mostMachines = Number.POSITIVE_INFINITY, mayDouble = false, orphanMs = 0 }: Allowance = {},
): string[] {
  const lives = [...sim.cloud.ledger.lives].filter(([, life]) => !life.isKept)
  const ledger = { ...sim.cloud.ledger, lives: new Map(lives) }
  const most = mostAlive(ledger, owner)
  const pastExpiry = minutesPastExpiry(ledger, sim.cloud.now(), orphanMs)
  const tells = (line: string) => secrets.some(secret => line.includes(secret))
  return [
    ...(mayDouble ? [] : [...doubledJobs(ledger).keys()]).map(id => `job ${id} had two machines at once`),
    ...[...jobs.values()].filter(job => job.ran.length > 1).map(job => `job ${job.id} ran twice`),
    ...(most > mostMachines ? [`${most} machines at once, and ${mostMachines} may be`] : []),
    ...ledger.foreign.map(one => `${one.operation} of ${one.id}, which is not ours`),
    ...ledger.ownerless.map(id => `${id} was made without an owner`),
    ...(pastExpiry > 0 ? [`${pastExpiry} machine-minutes past expiry`] : []),
    ...sim.cloud.left(owner).map(left => `${left} is left behind`),
    ...lines.filter(tells).map(() => 'a line has the token in it'),
  ]
}
