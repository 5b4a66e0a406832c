import { contractError, type GuestOs, type Provider, type StoredToken } from '@agentctl/contract'
import { expect, it } from 'vitest'
import { assemble } from '../../../src/config/assemble.ts'
import { parseConfig } from '../../../src/config/document.ts'
import type { Context } from '../../../src/operations/context.ts'
import { openDelivery } from '../../../src/operations/token-delivery.ts'
import { offering, poolPolicy, t0 } from '../fleet/build.ts'

const hour = 3_600_000
const tokens = new Map([
  ['s1-a', 'token-a'],
  ['s1-b', 'token-b'],
])

/** A store as the contract describes it, in memory. */
function memoryStore() {
  const puts: string[] = []
  const failures: unknown[] = []
  const store: NonNullable<Provider['tokens']> = {
    async put({ bucket, agentType }, token) {
      puts.push(`${bucket} ${agentType} ${token}`)
      const failure = failures.shift()
      if (failure) throw failure
      return { bucket, region: 'r', key: agentType }
    },
    sign: async ({ key }: StoredToken, { signedAt, validMs }) =>
      `https://b/${key}?at=${signedAt}&for=${validMs}`,
  }
  return { store, puts, failures }
}

function delivery(provider: Partial<Provider>, guest: GuestOs = 'linux') {
  const pools = { p: { provider: 'x', 'token-delivery': 'presigned', 'token-bucket': 'acme-tokens' } }
  const types = { 's1-a': { token: 'env:A', pools: ['p'] }, 's1-b': { token: 'env:B', pools: ['p'] } }
  const document = parseConfig(
    JSON.stringify({ endpoint: 'hub.example', pools, 'agent-types': types }),
    'c.yml',
  )
  const { settings } = assemble({ document, flags: {}, env: {}, userName: 'a', hostName: 'b' })
  const { p: pool } = settings.pools
  if (!pool) throw new Error('the pool is lost')
  const clock = { time: t0, now: () => clock.time, sleep: () => new Promise<never>(() => undefined) }
  const signal = new AbortController().signal
  const context = { settings, effects: { clock }, log: console, signal } as unknown as Context
  const policy = poolPolicy({ resolved: { guest, offerings: [offering('one')], details: {} } })
  const deliver = openDelivery(context, { pool, policy, provider: provider as Provider }, tokens)
  return { clock, deliver }
}

it('uploads each type’s token once, before its first launch, and again after half a day', async () => {
  const { store, puts } = memoryStore()
  const { clock, deliver } = delivery({ tokens: store })
  expect(puts).toEqual([])
  const launches = ['s1-a', 's1-a', 's1-b'].map(agentType => deliver({ agentType, intendedAt: t0 }))
  expect(new Set((await Promise.all(launches)).map(told => JSON.stringify(told))).size).toBe(2)
  expect(puts).toEqual(['acme-tokens s1-a token-a', 'acme-tokens s1-b token-b'])
  clock.time += 11 * hour
  await deliver({ agentType: 's1-a', intendedAt: clock.time })
  expect(puts).toHaveLength(2)
  clock.time += 2 * hour
  await deliver({ agentType: 's1-a', intendedAt: clock.time })
  expect(puts).toHaveLength(3)
})

it('signs for the time of the launch, as long as boot and agent may take', async () => {
  const { deliver } = delivery({ tokens: memoryStore().store })
  expect(await deliver({ agentType: 's1-a', intendedAt: 1_000 })).toEqual({
    kind: 'presigned',
    url: `https://b/s1-a?at=1000&for=${15 * 60_000}`,
  })
})

it('tries an upload that failed again', async () => {
  const { store, puts, failures } = memoryStore()
  failures.push(contractError('unavailable', 'away'))
  const { deliver } = delivery({ tokens: store })
  await expect(deliver({ agentType: 's1-a', intendedAt: t0 })).rejects.toMatchObject({ code: 'unavailable' })
  await deliver({ agentType: 's1-a', intendedAt: t0 })
  expect(puts).toHaveLength(2)
})

it('is refused where the provider or the guest cannot', () => {
  expect(() => delivery({})).toThrow(/provider x has no presigned token/)
  expect(() => delivery({ tokens: memoryStore().store }, 'process')).toThrow(/guests of kind process/)
})
