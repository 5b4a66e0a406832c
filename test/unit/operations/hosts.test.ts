import { expect, it } from 'vitest'
import { drainHost, listHosts, resumeHost } from '../../../src/operations/hosts.ts'
import { hostJson } from '../../../src/views/hosts.ts'
import { coordinated } from '../../support/coordinated.ts'

const work = (name: string) => ({ name, subjects: [name] })

it(
  'hosts are listed with what they hold, and who is gone once',
  coordinated(async ({ context, coordinator, host }) => {
    await host('b')
    await coordinator.clock.sleep(60_000)
    const again = await host('b', '1.1.0')
    await host('c')
    await coordinator.clock.sleep(60_000)
    const a = await host('a', '1.0.0', 90_000)
    await again.beat({ machines: 7 })
    await again.offer([work('linux')])
    await again.take()
    await a.drain('a', true)
    const { hosts } = await listHosts(context())
    expect(hosts.map(hostJson)).toMatchObject([
      { host: 'a', state: 'draining', aheadMs: 90_000, works: [] },
      { host: 'b', state: 'alive', version: '1.1.0', works: ['linux'], machines: 7 },
      { host: 'c', state: 'silent', works: [] },
    ])
  }),
)

it(
  'works of the configuration that nobody holds are told',
  coordinated(async ({ context, host }) => {
    const pools = { linux: { provider: 'sim' }, windows: { provider: 'sim' } }
    const type = (pool: string) => ({ token: `env:${pool}`, pools: [pool] })
    const types = { 's1-l': type('linux'), 's1-w': type('windows') }
    const life = await host('a')
    await life.offer([work('linux')])
    await life.take()
    expect((await listHosts(context({ pools, 'agent-types': types }))).free).toEqual(['windows', '*'])
    expect((await listHosts(context())).free).toEqual([])
  }),
)

it(
  'a drain waits until nothing is held, and says what is',
  coordinated(async ({ context, coordinator, host }) => {
    const life = await host('a')
    await life.offer([work('linux')])
    const tenure = await life.take()
    const told: string[] = []
    let isOver = false
    const drained = drainHost(context(), {
      host: 'a',
      waitMs: 60_000,
      onHeld: works => told.push(works.join()),
    }).finally(() => {
      isOver = true
    })
    await beating(3)
    expect(isOver).toBe(false)
    expect((await life.beat({ machines: 0 })).isDraining).toBe(true)
    await tenure?.release()
    expect(await drained).toEqual({ host: 'a', works: [] })
    expect(told).toEqual(['linux', ''])
    expect(await life.take()).toBeUndefined()

    await resumeHost(context(), 'a')
    expect((await life.take())?.work.name).toBe('linux')

    async function beating(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        await coordinator.clock.sleep(1_000)
        await life.beat({ machines: 0 })
      }
    }
  }),
)

it(
  'a drain that is not done in time says what is still held, and goes on',
  coordinated(async ({ context, host }) => {
    const life = await host('a')
    await life.offer([work('linux')])
    await life.take()
    const drained = drainHost(context(), { host: 'a', waitMs: 1_500, onHeld() {} })
    await expect(drained).rejects.toMatchObject({
      code: 'unavailable',
      message: 'a still holds linux',
    })
    expect((await life.beat({ machines: 0 })).isDraining).toBe(true)
  }),
)

it.each(['drain', 'resume'] as const)('%s of a host that nobody knows names those that are', verb =>
  coordinated(async ({ context, host }) => {
    await host('build-1')
    const attempt =
      verb === 'drain'
        ? drainHost(context(), { host: 'build-2', waitMs: undefined, onHeld() {} })
        : resumeHost(context(), 'build-2')
    await expect(attempt).rejects.toMatchObject({
      code: 'invalid-spec',
      message: 'There is no host build-2; did you mean build-1?',
      hint: expect.stringContaining('Known are: build-1.'),
    })
  })(),
)
