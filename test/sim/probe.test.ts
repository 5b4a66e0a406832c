import { describe, expect, it } from 'vitest'
import { codesOf } from '../../src/operations/doctor-check.ts'
import { createRig, machinesOf, owner, type RigOptions } from './rig.ts'

const minute = 60_000

/** The cloud's part, its machines ending with their script. */
async function probed(
  options: RigOptions,
  prepare: (rig: ReturnType<typeof createRig>) => void = () => undefined,
) {
  using rig = createRig({ count: 0, spec: { zones: ['a', 'b'] }, ...options })
  prepare(rig)
  const checks = await rig.drive(rig.probe())
  const found = new Map(checks.map(check => [check.subject, check]))
  return { codes: codesOf(checks), found, machines: machinesOf(rig), left: rig.sim.cloud.left(owner) }
}

describe('a probe', () => {
  it('launches one machine, finds it, marks it, ends it and sees it gone', async () => {
    const { codes, found, machines, left } = await probed({})
    expect(codes).toEqual([])
    expect([...found.keys()].filter(subject => subject.startsWith('probe'))).toEqual([
      'probe: launch',
      'probe: list',
      'probe: mark',
      'probe: guard',
      'probe: console',
      'probe: terminate',
    ])
    expect(machines).toBe(1)
    expect(left).toEqual([])
  })

  it('waits for a list that lags', async () => {
    const traits = { listing: 'eventual', settleMs: 20_000 } as const
    const { codes, left } = await probed({ traits, knobs: { lagMs: [15_000, 20_000] } })
    expect(codes).toEqual([])
    expect(left).toEqual([])
  })

  it('takes the next offering where the first is out of stock', async () => {
    const { found, left } = await probed({ knobs: { stock: { 'small/a/on-demand': 0 } } })
    expect(found.get('probe: launch')?.message).toContain('small/b/on-demand')
    expect(left).toEqual([])
  })

  it.each(['answer-lost', 'throttled', 'server-error'] as const)(
    'whose launch meets %s makes no second machine',
    async fault => {
      const { codes, machines, left } = await probed({}, rig =>
        rig.sim.cloud.inject(fault, 'launch', { times: 2 }),
      )
      expect(codes).toEqual([])
      expect(machines).toBe(1)
      expect(left).toEqual([])
    },
  )

  it('that may not launch says so, and makes nothing', async () => {
    const { codes, machines } = await probed({}, rig => rig.sim.cloud.inject('access-denied', 'launch'))
    expect(codes).toEqual(['permission-denied'])
    expect(machines).toBe(0)
  })

  it('that may not end its machine tells what is left, and that it ends by itself', async () => {
    const { codes, found, left } = await probed({}, rig =>
      rig.sim.cloud.inject('access-denied', 'terminate', { times: 100 }),
    )
    expect(codes).toEqual(['cleanup-incomplete'])
    expect(found.get('probe: terminate')?.message).toContain(left[0])
    expect(found.get('probe: terminate')?.fix).toContain('agentctl reap')
  })

  it('that is cut short still ends its machine', async () => {
    using rig = createRig({
      count: 0,
      traits: { listing: 'eventual', settleMs: minute },
      knobs: { lagMs: [minute, minute] },
    })
    const wake = new AbortController()
    const probe = rig.probe(wake.signal)
    await rig.sim.clock.advance(10_000)
    wake.abort(new Error('Ctrl-C'))
    const checks = await rig.drive(probe)
    expect(checks.find(({ subject }) => subject === 'probe: list')).toMatchObject({ level: 'problem' })
    await rig.sim.clock.advance(2 * minute)
    expect(rig.sim.cloud.left(owner)).toEqual([])
  })

  it('of a cloud whose clock is far ahead says so', async () => {
    const { codes, found } = await probed({ knobs: { skewMs: 10 * minute } })
    expect(found.get('clock')).toMatchObject({
      level: 'problem',
      message: expect.stringContaining('600 s ahead'),
    })
    expect(codes).toEqual(['unauthenticated'])
  })
})
