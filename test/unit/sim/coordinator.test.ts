import type { Coordinator } from '@agentctl/contract'
import {
  createDice,
  createSimCoordinator,
  type SimCoordinator,
  type SimCoordinatorHost,
} from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'

const log = { debug() {}, info() {}, warn() {} }
const note = { kind: 'note', key: 'n', subject: 'a', isOpen: true, at: 1, body: '{}' } as const
const saving = { saved: [note], removed: [] }

async function living(coordinator: SimCoordinator, process: SimCoordinatorHost, host: string) {
  const { clock } = coordinator
  const deps = { owner: 'acme', address: 'sim:', version: '1', clock, random: createDice('r'), log, host }
  const life = await clock.drive(process.module.open(deps))
  await clock.drive(life.beat({ machines: 0 }))
  return life
}

async function holding(coordinator: SimCoordinator, process = coordinator.host()) {
  const { clock } = coordinator
  const life = await living(coordinator, process, 'host')
  await clock.drive(life.offer([{ name: 'a', subjects: ['a'] }]))
  const tenure = await clock.drive(life.take())
  if (!tenure) throw new Error('no work was given')
  return { life, tenure, drive: clock.drive }
}

const taking = (clock: SimCoordinator['clock'], life: Coordinator) => clock.drive(life.take())

describe('the simulated coordinator', () => {
  it.each([
    ['refused', 0],
    ['reply-lost', 1],
  ] as const)(
    'throws "unavailable" for a commit that is %s, of which %i record is kept',
    async (fault, kept) => {
      const coordinator = createSimCoordinator()
      const { tenure, drive } = await holding(coordinator)
      coordinator.inject(fault, 'commit')
      await expect(drive(tenure.commit(saving))).rejects.toMatchObject({ code: 'unavailable' })
      expect(coordinator.records('acme')).toHaveLength(kept)
      expect(coordinator.happened.get(`commit ${fault}`)).toBe(1)
      expect(await drive(tenure.commit(saving))).toBe('kept')
    },
  )

  it('lets a late commit take effect after it threw, and not once the work is lost', async () => {
    const coordinator = createSimCoordinator({ knobs: { lateMs: [5000, 5000] } })
    const { life, tenure, drive } = await holding(coordinator)
    coordinator.inject('late', 'commit', 2)
    await expect(drive(tenure.commit(saving))).rejects.toMatchObject({ code: 'unavailable' })
    expect(coordinator.records('acme')).toEqual([])
    await coordinator.clock.advance(6000)
    expect(coordinator.records('acme')).toHaveLength(1)
    const other = { ...note, key: 'other' }
    await drive(life.beat({ machines: 0 }))
    await expect(drive(tenure.commit({ saved: [other], removed: [] }))).rejects.toThrow('commit')
    await drive(tenure.release())
    await coordinator.clock.advance(6000)
    expect(coordinator.records('acme')).toHaveLength(1)
  })

  it('gives a work whose take was not answered to somebody again', async () => {
    const coordinator = createSimCoordinator()
    const { life, tenure, drive } = await holding(coordinator)
    await drive(tenure.release())
    coordinator.inject('reply-lost', 'take')
    await expect(drive(life.take())).rejects.toMatchObject({ code: 'unavailable' })
    expect((await taking(coordinator.clock, life))?.work.name).toBe('a')
  })

  it('is away for all, or cut off for one, until it is not', async () => {
    const coordinator = createSimCoordinator()
    const [one, two] = [coordinator.host(), coordinator.host()]
    const [first, second] = [await living(coordinator, one, 'one'), await living(coordinator, two, 'two')]
    const beat = (life: Coordinator) => coordinator.clock.drive(life.beat({ machines: 0 }))
    one.cut()
    await expect(beat(first)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await beat(second)).toMatchObject({ takers: 2 })
    one.mend()
    coordinator.goAway()
    await expect(beat(second)).rejects.toMatchObject({ code: 'unavailable' })
    coordinator.comeBack()
    expect(await beat(first)).toMatchObject({ lost: [], aheadMs: 0 })
  })

  it('never answers a process that was dropped at a boundary, and has done what was sent', async () => {
    const coordinator = createSimCoordinator()
    const process = coordinator.host((boundary, call) => {
      if (boundary === 'accepted' && call === 'commit') process.drop()
    })
    const { tenure } = await holding(coordinator, process)
    let isAnswered = false
    const end = () => {
      isAnswered = true
    }
    tenure.commit(saving).then(end, end)
    await coordinator.clock.advance(60_000)
    expect([isAnswered, coordinator.records('acme').length]).toEqual([false, 1])
  })
})
