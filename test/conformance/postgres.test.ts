import type { Coordinator } from '@agentctl/contract'
import { describeCoordinator } from '@agentctl/contract/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Cluster, missing, startCluster } from '../coordinator/cluster.ts'
import { clock, openHost } from '../coordinator/host.ts'
import { startWire, type Wire } from '../coordinator/wire.ts'

// Cases mostly wait for silence to be noticed, and each has an owner of its own: they run beside each other.
describe.skipIf(missing !== undefined).concurrent(`a coordinator on PostgreSQL ${missing ?? ''}`, () => {
  let cluster: Cluster
  let address: string
  const wires = new Map<Coordinator, Wire>()

  beforeAll(async () => {
    cluster = await startCluster({ settings: { max_connections: '300' } })
    address = await cluster.fresh()
  })
  afterAll(async () => {
    for (const wire of wires.values()) await wire[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  describeCoordinator({
    name: 'postgres',
    clock,
    async open(owner, host, on) {
      const wire = await startWire(cluster.port)
      const way = address.replace(`:${cluster.port}/`, `:${wire.port}/`)
      const coordinator = await openHost(way, host, { owner, clock: on })
      wires.set(coordinator, wire)
      return coordinator
    },
    network: {
      cut: life => wires.get(life)?.set('hold'),
      mend(life) {
        wires.get(life)?.set('pass')
        wires.get(life)?.cut()
      },
    },
  })
})
