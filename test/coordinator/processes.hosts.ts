import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf, type Round } from '../support/round.ts'
import { type Cluster, missing, password, startCluster } from './cluster.ts'
import { startWire, type Wire } from './wire.ts'

/** Moments at which a host comes to harm, drawn anew each time. */
const harms = Number(process.env.AGENTCTL_HARMS ?? 8)
const names = ['one', 'two', 'three'] as const

let cluster: Cluster
beforeAll(async () => {
  if (missing === undefined) cluster = await startCluster()
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

/** Hosts of one installation, each with a wire of its own to the database. */
async function hostsOf({ home }: Round) {
  const running = new Map<string, Running>()
  const address = await cluster.fresh()
  const wires = new Map<string, Wire>()
  for (const name of names) wires.set(name, await startWire(cluster.port))
  const rise = (name: string) => {
    const through = address.replace(`:${cluster.port}/`, `:${wires.get(name)?.port}/`)
    const env = { ...home.env, AGENTCTL_HOST: name, AGENTCTL_COORDINATOR: through }
    running.set(name, start({ ...home, env }, 'capacity', 'serve', '--listen', 'none', '--verbose'))
  }
  for (const name of names) rise(name)
  return {
    rise,
    named: (name: string) => running.get(name) as Running,
    wire: (name: string) => wires.get(name) as Wire,
    all: () => [...running.values()],
    said: () => [...running.values()].map(one => one.output()).join('\n'),
    address,
    async [Symbol.asyncDispose]() {
      for (const { child } of running.values()) child.kill('SIGTERM')
      await Promise.all([...running.values()].map(one => one.ended))
      for (const wire of wires.values()) await wire[Symbol.asyncDispose]()
    },
  }
}

type Hosts = Awaited<ReturnType<typeof hostsOf>>

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
/** Longer than a host may be silent: its works are another's then. */
const silentMs = 7_000

const harm: Readonly<Record<string, (hosts: Hosts, name: string) => Promise<void>>> = {
  async killed(hosts, name) {
    const { child, ended } = hosts.named(name)
    child.kill('SIGKILL')
    await ended
    hosts.rise(name)
  },
  /** It wakes up as if it still held its works. */
  async suspended(hosts, name) {
    const { child } = hosts.named(name)
    child.kill('SIGSTOP')
    await wait(silentMs)
    child.kill('SIGCONT')
  },
  async 'asked to end'(hosts, name) {
    const { child, ended, output } = hosts.named(name)
    await until('it is up', () => output().includes('Works of this host') || child.exitCode !== null, 60_000)
    child.kill('SIGTERM')
    // One that was started while the database was away has said so, and left.
    expect((await ended).code).toBe(output().includes('Opening the coordinator failed') ? 12 : 0)
    hosts.rise(name)
  },
  async 'cut off'(hosts, name) {
    hosts.wire(name).set('hold')
    await wait(silentMs)
    hosts.wire(name).cut()
    hosts.wire(name).set('pass')
  },
  async 'without a database'() {
    await cluster.stop('immediate')
    await wait(2_000)
    await cluster.start()
  },
}
const ways = Object.keys(harm)

describe.skipIf(missing !== undefined)(`three hosts ${missing ?? ''}`, () => {
  it('run every job once and leave nothing, although they are killed, suspended and cut off at random', {
    timeout: 600_000,
  }, async () => {
    const count = harms * 8
    await using round = await newRound({ jobs: jobs(count, 'sleep 1') })
    const { hub, home } = round
    Object.assign(home.env, { AGENTCTL_CAPACITY_MAX: '6', NODE_ENV: 'development' })
    const told: string[] = []
    await using hosts = await hostsOf(round)
    try {
      for (let moment = 0; moment < harms; moment++) {
        const events = hub.events().length
        const more = events + randomInt(1, 12)
        await until('the hub has more to tell', () => hub.events().length >= more, 60_000)
        const name = names[randomInt(names.length)] as string
        // Each way once, then any.
        const way = ways[moment < ways.length ? moment : randomInt(ways.length)] as string
        told.push(`${name} ${way}`)
        await harm[way]?.(hosts, name)
        // As systemd does.
        for (const one of names) if (hosts.named(one).child.exitCode !== null) hosts.rise(one)
      }
      await until('every job has ended', () => hub.jobs().every(job => job.result !== null), 200_000)
      await until('every machine is gone', () => instanceFolders(round).length === 0, 60_000)
      const wrong = hub.jobs().filter(job => job.result !== 'passed' || job.runs !== 1)
      expect(wrong, told.join(', ')).toEqual([])
      const env = { ...home.env, AGENTCTL_COORDINATOR: hosts.address }
      const list = await run({ ...home, env }, 'hosts', 'list', '--json')
      expect(list.code, list.stderr).toBe(0)
      expect(hosts.said()).not.toContain(encodeURIComponent(password))
    } catch (error) {
      throw new Error(`${told.join(', ')}\n${hosts.said().slice(-8_000)}`, { cause: error })
    }
    await hosts[Symbol.asyncDispose]()
    expect(processesOf(round)).toEqual([])
  })
})
