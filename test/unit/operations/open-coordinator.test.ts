import { expect, it } from 'vitest'
import { checkCoordinator } from '../../../src/operations/doctor-coordinator.ts'
import { openCoordinator } from '../../../src/operations/open-coordinator.ts'
import { coordinated } from '../../support/coordinated.ts'

it(
  'an address is read where it is needed, and what is none is not repeated',
  coordinated(async ({ context }) => {
    const from = (env: Record<string, string>) => {
      const one = context({ coordinator: 'env:DATABASE' })
      return openCoordinator({ ...one, effects: { ...one.effects, env } })
    }
    await expect(from({})).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'The secret env:DATABASE is empty',
    })
    await expect(from({ DATABASE: 'host=db password=hush-hush' })).rejects.toMatchObject({
      code: 'invalid-spec',
      message: 'What `coordinator:` env:DATABASE stands for is no address',
    })
    await expect(from({ DATABASE: 'sim://me:hush-hush@here' })).resolves.toHaveProperty('hosts')
  }),
)

it(
  'this host is named by AGENTCTL_HOST, else by the system',
  coordinated(async ({ context, host }) => {
    await host('x')
    const named = async (env: Record<string, string>, hostName: string) => {
      const one = context()
      const coordinator = await openCoordinator({ ...one, effects: { ...one.effects, env, hostName } })
      await coordinator.beat({ machines: 0 })
      return (await coordinator.hosts()).map(seen => seen.host)
    }
    expect(await named({}, 'desk.example')).toContain('desk.example')
    expect(await named({ AGENTCTL_HOST: 'ci-1' }, 'two words')).toContain('ci-1')
    await expect(named({}, 'two words')).rejects.toMatchObject({
      code: 'invalid-spec',
      hint: expect.stringContaining('AGENTCTL_HOST'),
    })
  }),
)

it(
  'doctor says that it answers, which clocks are wrong, and which versions differ',
  coordinated(async ({ context, host, coordinator }) => {
    expect(await checkCoordinator(context())).toEqual([
      expect.objectContaining({ level: 'ok', message: 'answers; 0 hosts are alive' }),
    ])
    await host('a', '1.0.0')
    await host('b', '0.9.0', 90_000)
    expect(await checkCoordinator(context())).toMatchObject([
      { subject: 'address', level: 'ok', message: 'answers; 2 hosts are alive' },
      { subject: 'versions', level: 'warning', message: 'b has 0.9.0; this host has 1.0.0' },
      { subject: 'clock', level: 'ok' },
      { subject: 'clock of b', level: 'warning', message: 'it is 90 s behind that of the coordinator' },
    ])
    const { effects, ...rest } = context()
    const late = { ...effects.clock, now: () => effects.clock.now() - 600_000 }
    expect(await checkCoordinator({ ...rest, effects: { ...effects, clock: late } })).toContainEqual(
      expect.objectContaining({ subject: 'clock', level: 'problem', code: 'unauthenticated' }),
    )
    coordinator.goAway()
    const away = checkCoordinator(context())
    expect(await away).toMatchObject([{ level: 'problem', code: 'unavailable' }])
  }),
)
