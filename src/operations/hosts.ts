import { type Coordinator, contractError, type HostSeen } from '@agentctl/contract'
import { sweepWork, worksOf } from '../coordination/works.ts'
import { didYouMean } from '../errors/index.ts'
import type { Context } from './context.ts'
import { livesToShow } from './host-facts.ts'
import { openCoordinator } from './open-coordinator.ts'

const lookAgainMs = 1_000

export interface HostList {
  readonly hosts: readonly HostSeen[]
  /** Works of this configuration that nobody holds, by name: for seconds, or where no host can take them up. */
  readonly free: readonly string[]
  readonly now: number
}

/** Hosts that are alive, and the last life of each that was within the last day. */
export async function listHosts(context: Context): Promise<HostList> {
  await using coordinator = await openCoordinator(context)
  const hosts = livesToShow(await coordinator.hosts())
  return { hosts, free: freeOf(context, hosts), now: context.effects.clock.now() }
}

function freeOf({ settings }: Context, hosts: readonly HostSeen[]): readonly string[] {
  const works = worksOf(settings)
  // Without pools in the configuration it is not known what there is to do.
  if (works.length === 0) return []
  const held = hosts.flatMap(one => (one.isAlive ? one.works.map(({ name }) => name) : []))
  return [...works, sweepWork].map(({ name }) => name).filter(name => !held.includes(name))
}

export interface Draining {
  readonly host: string
  /** What it still holds, by name; empty where it is not alive. */
  readonly works: readonly string[]
}

export interface DrainRequest {
  readonly host: string
  /** Until it holds nothing; not at all when left out. Unit: milliseconds. */
  readonly waitMs: number | undefined
  /** Told of what it holds, whenever that has changed. */
  readonly onHeld: (works: readonly string[]) => void
}

/**
 * Has a host give back what it holds, and take nothing up, until it is resumed; also where it begins anew.
 * @throws `invalid-spec` for a host that nobody knows, `unavailable` when it still holds something in the end
 */
export async function drainHost(context: Context, { host, waitMs, onHeld }: DrainRequest): Promise<Draining> {
  const { clock } = context.effects
  await using coordinator = await openCoordinator(context)
  const until = clock.now() + (waitMs ?? 0)
  await setDraining(coordinator, host, true)
  let told: string | undefined
  for (;;) {
    const works = heldBy(await coordinator.hosts(), host)
    if (told !== works.join()) onHeld(works)
    told = works.join()
    if (works.length === 0 || waitMs === undefined) return { host, works }
    if (clock.now() >= until) throw stillHolds(host, works)
    await clock.sleep(lookAgainMs, context.signal)
  }
}

/** Lets a host take works up again. @throws `invalid-spec` for a host that nobody knows */
export async function resumeHost(context: Context, host: string): Promise<void> {
  await using coordinator = await openCoordinator(context)
  await setDraining(coordinator, host, false)
}

async function setDraining(coordinator: Coordinator, host: string, isDraining: boolean): Promise<void> {
  if (await coordinator.drain(host, isDraining)) return
  const known = [...new Set((await coordinator.hosts()).map(one => one.host))].sort()
  throw contractError('invalid-spec', `There is no host ${host}${didYouMean(host, known)}`, {
    hint: `Known are: ${known.join(', ') || 'none'}. A host is known once agentctl capacity serve runs on it.`,
  })
}

function heldBy(hosts: readonly HostSeen[], host: string): readonly string[] {
  const alive = hosts.filter(one => one.host === host && one.isAlive)
  return alive.flatMap(one => one.works.map(({ name }) => name)).sort()
}

function stillHolds(host: string, works: readonly string[]) {
  return contractError('unavailable', `${host} still holds ${works.join(', ')}`, {
    hint: 'It goes on draining: each look that is under way is ended first. Look again: agentctl hosts list',
  })
}
