import type { Clock } from '@agentctl/contract'
import type { Dice, Machine } from '@agentctl/provider-sim'
import { countIn, type HubOptions, type Job, type SimHub } from './queue.ts'

/** Agents ask for jobs so often. */
const syncMs = 5_000
/** A registered agent that never syncs has its job failed after so long. */
const unsyncedMs = 60_000

/** What an agent meets at the hub. */
export interface Desk extends Omit<HubOptions, 'count' | 'jobMs' | 'dice'> {
  readonly hub: SimHub
  readonly clock: Clock
  readonly dice: Dice
  /** Agents that the hub lists, by name. */
  readonly online: Map<string, 'idle' | 'busy'>
  take(machine: Machine): Job | undefined
  lose(job: Job, name: string): void
}

/** A guest from its boot to its power-off, which its own timer brings at its expiry in any case. */
export async function liveOn(desk: Desk, machine: Machine): Promise<void> {
  const { clock: time, ownership } = machine
  const bootedAt = time.now()
  const mark = (name: string) =>
    machine.print(`agentctl: phase=${name} t=${((time.now() - bootedAt) / 1000).toFixed(3)}`)
  mark('booted')
  const expiry = time.sleep(Math.max(0, ownership.expiresAt - desk.clock.now()))
  await Promise.race([expiry, agentLife(desk, machine, { bootedAt, mark })])
}

interface Life {
  readonly bootedAt: number
  readonly mark: (name: string) => void
}

async function agentLife(desk: Desk, machine: Machine, life: Life): Promise<void> {
  const { hub, online, agentMs = 5_000 } = desk
  const { clock: time, unit } = machine
  const { mark } = life
  const finish = (reason: string, detail: string) => {
    mark('power-off')
    machine.print(`agentctl: end reason=${reason} ${detail}`)
    hub.onEnd(reason)
  }
  await time.sleep(agentMs)
  mark('agent-started')
  const name = unit?.name ?? machine.id
  machine.signal.addEventListener('abort', () => online.delete(name), { once: true })
  const job =
    unit?.jobId === undefined ? await unbound(desk, machine, name, mark) : await bound(desk, machine, life)
  if (job === 'idle') return finish('idle', 'exit=0')
  if (job === 'refused') return finish('refused', 'job not available')

  online.set(name, 'busy')
  machine.signal.addEventListener('abort', () => desk.lose(job, name), { once: true })
  if (unit?.jobId !== undefined) mark('agent-registered')
  await time.sleep(job.ms)
  job.state = 'finished'
  online.delete(name)
  mark('agent-ended')
  if (unit?.jobId !== undefined && desk.dice.hits(hub.chances.again)) {
    // Its job is taken, so that it is refused until its patience ends.
    countIn(hub.faults, 'registration once more')
    if ((await bound(desk, machine, life)) === 'refused') return finish('refused', 'job not available')
  }
  finish('job-finished', 'exit=0')
}

/** A name that has not synced yet may register twice: the hub takes it for the same agent. */
async function unbound(
  { hub, online, dice, take, idleMs = 60_000 }: Desk,
  machine: Machine,
  name: string,
  mark: (name: string) => void,
): Promise<Job | 'idle'> {
  const { clock: time } = machine
  online.set(name, 'idle')
  if (dice.hits(hub.chances.replyLost)) {
    countIn(hub.faults, 'registration twice')
    await time.sleep(syncMs)
  }
  let job = take(machine)
  mark('agent-registered')
  for (let waited = 0; !job && waited < idleMs; waited += syncMs) {
    await time.sleep(syncMs)
    hub.idledMs += syncMs
    job = take(machine)
  }
  if (job) return job
  online.delete(name)
  mark('agent-ended')
  return 'idle'
}

/** Refused, it tries again. An answer that is lost has used up the job, which the hub fails when no agent syncs. */
async function bound(desk: Desk, machine: Machine, { bootedAt, mark }: Life): Promise<Job | 'refused'> {
  const { clock: time } = machine
  for (let tries = 1; ; tries++) {
    const job = desk.take(machine)
    if (job && !desk.dice.hits(desk.hub.chances.replyLost)) return job
    if (job) failLater(desk, job, machine.unit?.name ?? machine.id)
    mark('agent-refused')
    if (time.now() - bootedAt > desk.agentTimeoutMs) return 'refused'
    await time.sleep(1_000 + ((tries * 1_700) % 5_000))
  }
}

function failLater({ hub, clock, online, lose }: Desk, job: Job, name: string): void {
  countIn(hub.faults, 'registration reply lost')
  online.set(name, 'busy')
  void clock.sleep(unsyncedMs).then(() => lose(job, name))
}
