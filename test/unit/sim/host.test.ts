import { type Boundary, createSim } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { callOf, listOf, requestOf } from './request.ts'

describe('a process that is dropped', () => {
  it.each([
    ['before-send', 0],
    ['accepted', 1],
    ['answered', 1],
  ] as const)('at %s never goes on, and the cloud has %i instances', async (where: Boundary, count) => {
    const sim = createSim()
    const request = await requestOf(sim, sim.open('acme'), 'one')
    const host = sim.host((boundary, operation) => {
      if (operation === 'launch' && boundary === where) host.drop()
    })
    let isOver = false
    const end = () => {
      isOver = true
    }
    host.open('acme').launch(request, callOf(sim.clock)).then(end, end)
    await sim.clock.advance(120_000)
    expect(isOver).toBe(false)
    const instances = (await listOf(sim, sim.open('acme'))).filter(({ kind }) => kind === 'instance')
    expect(instances).toHaveLength(count)
    const after = sim.host().open('acme')
    const { instances: adopted } = await sim.clock.drive(after.launch(request, callOf(sim.clock)))
    expect(adopted.map(({ id }) => id)).toEqual(
      count === 0 ? [expect.any(String)] : instances.map(({ id }) => id),
    )
    expect(sim.cloud.ledger.lives.size).toBe(1)
  })
})
