import type { Coordinator } from '@agentctl/contract'
import { createDice } from '@agentctl/provider-sim'
import { describe, it } from 'vitest'
import { databaseOf, missing, startCluster } from './cluster.ts'
import { clock, openHost, recordOf, saving, workOn } from './host.ts'
import { startWire, type Wire } from './wire.ts'

const stormMs = Number(process.env.AGENTCTL_STORM_SECONDS ?? 20) * 1_000
const works = ['a', 'b', 'c', 'd', 'e'].map(name => workOn(name, name, `of-${name}`))
const grantMax = 10

/** What became of the commits to one work, over all hosts. `unknown`: no answer came. */
interface Tally {
  kept: number
  unknown: number
  lost: number
}

interface Host {
  readonly coordinator: Coordinator
  readonly wire: Wire
  /** Suspended so long: neither beats nor works, and knows nothing of it when it goes on. */
  asleepUntil: number
}

async function awake(host: Host): Promise<void> {
  while (clock.now() < host.asleepUntil) await clock.sleep(50)
}

async function beat(host: Host, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await awake(host)
    await host.coordinator.beat({ machines: 0 }).catch(() => {})
    await clock.sleep(500)
  }
}

/** Holds works and counts in each, from what it loads on, until the time is over. */
async function count(host: Host, tallies: Map<string, Tally>, isOver: () => boolean): Promise<void> {
  const hold = async () => {
    const tenure = await host.coordinator.take()
    if (!tenure) return void (await clock.sleep(100))
    const tally = tallies.get(tenure.work.name)
    const subject = tenure.work.name
    let value = Number((await tenure.load()).find(({ kind }) => kind === 'note')?.body ?? 0)
    await tenure.grant(4, grantMax)
    while (tally && !isOver()) {
      value += 1
      const answer = await tenure
        .commit(
          saving(
            recordOf(`count-${subject}`, subject, { body: String(value) }),
            recordOf(`mirror-${subject}`, subject, { kind: 'queue', body: String(value) }),
          ),
        )
        .catch(() => 'unknown' as const)
      tally[answer] += 1
      if (answer !== 'kept') return
      await clock.sleep(20)
      await awake(host)
    }
  }
  while (!isOver()) await hold().catch(() => clock.sleep(100))
}

/** Each second or so something happens to some host or its wire, for a while. */
async function blow(hosts: readonly Host[], seed: string, isOver: () => boolean): Promise<void> {
  const dice = createDice(seed)
  const acts: readonly ((host: Host) => Promise<void>)[] = [
    async host => {
      host.asleepUntil = clock.now() + 7_000
    },
    async ({ wire }) => wire.cut(),
    async ({ wire }) => {
      wire.set('hold')
      await clock.sleep(7_000)
      wire.set('pass')
      wire.cut()
    },
    async ({ wire }) => {
      wire.deafenAt(dice.next() < 0.5 ? 'COMMIT' : 'heartbeat_on')
      await clock.sleep(4_000)
      wire.set('pass')
      wire.cut()
    },
    async ({ wire }) => {
      wire.delay(200)
      await clock.sleep(2_000)
      wire.delay(0)
    },
  ]
  const under: Promise<void>[] = []
  // One that is taken over while the rest is quiet, and wakes up as if it still held its work.
  for (const host of hosts.slice(0, 1)) host.asleepUntil = clock.now() + 8_000
  await clock.sleep(9_000)
  while (!isOver()) {
    const host = hosts[Math.floor(dice.next() * hosts.length)]
    const act = acts[Math.floor(dice.next() * acts.length)]
    if (host && act) under.push(act(host))
    await clock.sleep(500 + dice.next() * 1_000)
  }
  await Promise.all(under)
}

describe.skipIf(missing !== undefined)(`hosts in a storm ${missing ?? ''}`, () => {
  it('count in turns: nothing that was kept is undone, and no grants are more than there is', async ({
    expect,
  }) => {
    await using cluster = await startCluster()
    const address = await cluster.fresh()
    const wires = await Promise.all(Array.from({ length: 4 }, () => startWire(cluster.port)))
    const hosts: readonly Host[] = await Promise.all(
      wires.map(async (wire, index) => {
        const way = cluster.address(databaseOf(address), wire.port)
        return { wire, asleepUntil: 0, coordinator: await openHost(way, `host-${index}`) }
      }),
    )
    const desk = await openHost(address, 'desk')
    await desk.offer(works)
    const tallies = new Map(works.map(({ name }) => [name, { kept: 0, unknown: 0, lost: 0 }]))
    const until = clock.now() + stormMs
    const isOver = () => clock.now() > until
    const sums: number[] = []
    const watch = async () => {
      while (!isOver()) {
        const [row] = await cluster.sql<{ sum: number }>(
          databaseOf(address),
          'SELECT coalesce(sum(granted), 0)::int AS sum FROM agentctl.grants',
        )
        sums.push(row?.sum ?? 0)
        await clock.sleep(200)
      }
    }
    const seed = String(Date.now())
    await Promise.all([
      blow(hosts, seed, isOver),
      watch(),
      ...hosts.flatMap(host => [beat(host, isOver), count(host, tallies, isOver)]),
    ])
    const records = await desk.history({ since: 0 })
    const bodyOf = (key: string) => Number(records.find(record => record.key === key)?.body)
    for (const [name, { kept, unknown }] of tallies) {
      const value = bodyOf(`count-${name}`)
      expect(value, `seed ${seed}: ${name}`).toBeGreaterThanOrEqual(kept)
      expect(value, `seed ${seed}: ${name}`).toBeLessThanOrEqual(kept + unknown)
      expect(bodyOf(`mirror-${name}`), `seed ${seed}: ${name} is written in parts`).toBe(value)
      expect(kept).toBeGreaterThan(0)
    }
    const lost = [...tallies.values()].reduce((sum, tally) => sum + tally.lost, 0)
    expect(lost, `seed ${seed}: nobody lost a work`).toBeGreaterThan(0)
    expect(Math.max(...sums)).toBeLessThanOrEqual(grantMax)
    const open = [...hosts.map(({ coordinator }) => coordinator), desk]
    await Promise.all(open.map(one => one[Symbol.asyncDispose]()))
    await Promise.all(wires.map(wire => wire[Symbol.asyncDispose]()))
  })
})
