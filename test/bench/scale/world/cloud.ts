import type { Ownership } from '@agentctl/contract'
import { agentName } from '../../../../src/fleet/launch-id.ts'
import { jobMsOf, type Load, launchIdAt, offeringIdOf, poolAt, regionAt, typeAt } from '../load.ts'
import type { Hub } from './hub.ts'
import type { Judge } from './judge.ts'
import type { Machine } from './model.ts'

/** The most that one list of EC2 gives at once. */
const pageMax = 1_000
const dayMs = 24 * 3_600_000

/** What a create call says, the guest's data left out. */
export type Wish = Omit<Ownership, 'version'> & { readonly region: string }

export interface Cloud {
  /** Those of that launch, made if they are not there. `conflict`: its id stands for another request. */
  launch(wish: Wish): readonly Machine[] | 'conflict'
  /** False: there is no such machine any more. */
  terminate(id: string): boolean
  /** Machines of that region after that serial, and the serial to go on with. */
  page(region: string, after: number): { readonly machines: readonly Machine[]; readonly next?: number }
  /** Machines that run as if hosts had made them earlier, their jobs begun at any time. */
  fill(): void
  alive(): number
}

export function createCloud(
  load: Load,
  { now, hub, judge }: { now: () => number; hub: Hub; judge: Judge },
): Cloud {
  const byId = new Map<string, Machine>()
  const byLaunch = new Map<string, Machine[]>()
  /** By region, in the order in which they came. */
  const shown = new Map<string, Machine[]>()
  let serial = 0
  let alive = 0

  const unitOf = ({ ownership, unitIndex }: Machine) => ownership.units.find(one => one.index === unitIndex)
  const jobOf = (machine: Machine) => hub.jobs.get(unitOf(machine)?.jobId ?? '')
  const poolOf = ({ ownership }: Machine) => Number(ownership.pool.slice(1))

  function make(wish: Wish, unitIndex: number, createdAt: number): Machine {
    serial += 1
    const id = `i-${String(serial).padStart(17, '0')}`
    const { region, ...rest } = wish
    const ownership: Ownership = { ...rest, version: 1 }
    const facts = { id, region, unitIndex, createdAt, ownership, offeringId: offeringIdOf(region) }
    const text = JSON.stringify(facts).slice(1, -1)
    const machine: Machine = { serial, id, region, ownership, unitIndex, createdAt, text, state: 'pending' }
    judge.make(poolOf(machine), jobOf(machine))
    byId.set(id, machine)
    const launched = byLaunch.get(ownership.launchId) ?? []
    byLaunch.set(ownership.launchId, [...launched, machine])
    const there = shown.get(region) ?? []
    if (there.length === 0) shown.set(region, there)
    there.push(machine)
    alive += 1
    return machine
  }

  function end(machine: Machine): void {
    if (machine.state === 'terminated') return
    machine.state = 'terminated'
    alive -= 1
    judge.end(poolOf(machine), jobOf(machine))
    setTimeout(() => {
      byId.delete(machine.id)
      byLaunch.delete(machine.ownership.launchId)
      const there = shown.get(machine.region) ?? []
      const at = there.indexOf(machine)
      if (at >= 0) there.splice(at, 1)
    }, load.shownMs)
  }

  /** The guest: it boots, runs its job and powers itself off. */
  function boot(machine: Machine, bootMs: number, jobMs: number): void {
    const unit = unitOf(machine)
    const agent = unit?.name ?? ''
    setTimeout(() => {
      if (machine.state === 'pending') machine.state = 'running'
    }, bootMs / 2)
    setTimeout(() => {
      if (machine.state === 'terminated') return
      machine.state = 'running'
      const job = jobOf(machine)
      if (!job || !hub.register(agent, job)) return end(machine)
      setTimeout(() => {
        hub.finish(agent, job)
        end(machine)
      }, jobMs)
    }, bootMs)
  }

  return {
    launch(wish) {
      const known = byLaunch.get(wish.launchId)
      if (known) return known[0]?.ownership.digest === wish.digest ? known : 'conflict'
      const made = wish.units.map(({ index }) => make(wish, index, now()))
      for (const machine of made) {
        const job = jobOf(machine)
        if (job) job.createdAt ??= now()
        boot(machine, load.bootMs, jobMsOf(load))
      }
      return made
    },
    terminate(id) {
      const machine = byId.get(id)
      if (!machine || machine.state === 'terminated') return false
      const job = jobOf(machine)
      if (job?.state === 'running') hub.finish(unitOf(machine)?.name ?? '', job)
      end(machine)
      return true
    },
    page(region, after) {
      const there = shown.get(region) ?? []
      const from = firstAfter(there, after)
      const machines = there.slice(from, from + pageMax)
      const last = machines.at(-1)
      return { machines, ...(last && from + pageMax < there.length && { next: last.serial }) }
    },
    fill() {
      for (let count = 0; count < load.live; count++) {
        const pool = count % load.pools
        const job = hub.begin(pool)
        const launchId = launchIdAt(load, pool, job.id)
        const units = [{ index: 0, attempt: 1, name: agentName(load.owner, launchId, 0), jobId: job.id }]
        const wish = {
          ...{ owner: load.owner, pool: poolAt(pool), agentType: typeAt(pool), region: regionAt(load, pool) },
          ...{ launchId, digest: '0'.repeat(64), units, expiresAt: now() + dayMs },
        }
        // Spread evenly over the length of a job, whichever pool it is of.
        const share = ((count * 7_919) % load.live) / load.live
        const machine = make(wish, 0, Math.round(now() - load.bootMs - share * jobMsOf(load)))
        machine.state = 'running'
        boot(machine, 0, (1 - share) * jobMsOf(load))
      }
    },
    alive: () => alive,
  }
}

function firstAfter(machines: readonly Machine[], serial: number): number {
  let [low, high] = [0, machines.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((machines[middle]?.serial ?? 0) > serial) high = middle
    else low = middle + 1
  }
  return low
}
