import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slotKey, slotWants } from '../../../src/demand/slots.ts'
import { type StandingType, standing } from '../../../src/demand/standing.ts'
import type { Phase } from '../../../src/fleet/phases.ts'
import { isAlive, known, type Picture, type UnitView, unknown } from '../../../src/fleet/picture.ts'
import { planEndings } from '../../../src/fleet/plan-endings.ts'
import { planLaunches } from '../../../src/fleet/plan-launches.ts'
import { unitKey } from '../../../src/fleet/records.ts'
import {
  instanceOf,
  jobId,
  launchRecord,
  memoryOf,
  pictureOf,
  policyOf,
  poolPolicy,
  t0,
  unitRecord,
  viewOf,
} from '../fleet/build.ts'

const type: StandingType = {
  agentType: 's1-x',
  binding: 'queue',
  pools: [{ name: 'p', max: 20, min: 0, idle: 0, scaleFactor: 0 }],
}

interface Machine {
  readonly phase?: Phase
  readonly agent?: UnitView['agent']
  readonly pool?: string
  readonly job?: number
}

function fleet(machines: readonly Machine[]): readonly UnitView[] {
  return machines.map(({ phase = 'booting', agent = 'absent', pool = 'p', job }, at) => {
    const launchId = `l${at}`
    const { jobId: _, ...bare } = unitRecord({ launchId, phase, want: `slot:s1-x:${at}:1` })
    const online = phase === 'online' ? { entered: { ...bare.entered, online: t0 } } : {}
    return viewOf({
      unit: { ...bare, ...online, ...(job !== undefined && { jobId: jobId(job), want: jobId(job) }) },
      launch: launchRecord({ launchId, pool }),
      instance: instanceOf({ id: `i-${at}`, state: phase === 'booting' ? 'pending' : 'running' }),
      agent,
      isListStrong: true,
    })
  })
}

const idle: Machine = { phase: 'online', agent: 'idle' }
const busy: Machine = { phase: 'online', agent: 'busy' }

function picture(machines: readonly Machine[], queuedCount: number, runningCount = 0): Picture {
  const queues = new Map([['s1-x', known({ jobIds: [], queuedCount, runningCount })]])
  return pictureOf(fleet(machines), { queues })
}

/** Machines beyond those that are there. */
function more(change: Partial<StandingType>, seen: Picture): number {
  const { wants } = standing({ ...type, ...change }, seen, [])
  return wants.length - seen.units.filter(isAlive).filter(view => view.unit.jobId === undefined).length
}

const pool = (change: Partial<StandingType['pools'][number]>) => ({
  pools: [{ name: 'p', max: 20, min: 0, idle: 0, scaleFactor: 0, ...change }],
})

describe('machines for any job', () => {
  it.each<[string, Partial<StandingType>, Picture, number]>([
    ['one for each job that waits', {}, picture([], 3), 3],
    ['none for jobs that the ready ones will take', {}, picture([{}, idle, busy], 2), 0],
    ['none for those that are on their way down', {}, picture([{ phase: 'draining' }], 1), 1],
    ['some ready besides', pool({ idle: 2 }), picture([idle], 1), 2],
    ['a share of the busy ones, rounded up', pool({ scaleFactor: 0.4 }), picture([busy, busy, busy], 0), 2],
    ['the least', pool({ min: 3 }), picture([busy], 0), 2],
    ['the least is not added to what is needed anyway', pool({ min: 3 }), picture([busy], 2), 2],
    ['nobody says who is busy: as many as run', {}, picture([{ ...idle, agent: 'unknown' }], 1, 1), 1],
    ['nobody says who is busy, and nothing runs', {}, picture([{ ...idle, agent: 'unknown' }], 1, 0), 0],
  ])('%s', (_, change, seen, count) => expect(more(change, seen)).toBe(count))

  it('of a queue that could not be read: what is there stays wanted, and nothing is too much', () => {
    const seen = pictureOf(fleet([{}, idle]), { queues: new Map([['s1-x', unknown('500')]]) })
    expect(standing({ ...type, ...pool({ idle: 5 }) }, seen, [])).toMatchObject({
      wants: [{ key: 'slot:s1-x:0:1' }, { key: 'slot:s1-x:1:1' }],
      excess: [],
    })
  })

  it('that are too many go while no agent can be there, never below the least', () => {
    const { excess } = standing({ ...type, ...pool({ min: 2 }) }, picture([{}, {}, {}, idle], 0), [])
    expect(excess).toHaveLength(2)
    expect(standing(type, picture([idle, busy], 0), []).excess).toEqual([])
  })
})

describe('machines bound to jobs', () => {
  it('one for each listed job, once, and unbound ones for those beyond the list', () => {
    const jobIds = [1, 2, 2, 3].map(jobId)
    const queues = new Map([['s1-x', known({ jobIds, queuedCount: 5 })]])
    const { wants } = standing({ ...type, binding: 'job' }, pictureOf([], { queues }), [])
    expect(wants.map(want => want.jobId)).toEqual([undefined, undefined, ...[1, 2, 3].map(jobId)])
  })
})

describe('slots', () => {
  const more1 = [{ count: 1 }]

  it('are the lowest that are free, and count on when they are filled again', () => {
    const first = slotWants('s1-x', [{ count: 2 }], [], [])
    expect(first.wants.map(want => want.key)).toEqual(['slot:s1-x:0:1', 'slot:s1-x:1:1'])
    const [one] = fleet([{ phase: 'gone' }])
    const again = slotWants('s1-x', more1, first.changed, one ? [one] : [])
    expect(again.wants.map(want => want.key)).toEqual(['slot:s1-x:0:2'])
  })

  it('that were named and never filled keep their name: a crash in between renumbers nothing', () => {
    const { changed } = slotWants('s1-x', more1, [], [])
    const again = slotWants('s1-x', more1, changed, [])
    expect(again).toMatchObject({ wants: [{ key: 'slot:s1-x:0:1' }], changed: [] })
  })

  it('never share a name with a machine that was', () => {
    const machines = fc.array(fc.constantFrom<Machine>({}, { phase: 'gone' }, idle), { maxLength: 6 })
    fc.assert(
      fc.property(machines, fc.nat(6), (of, count) => {
        const views = fleet(of)
        const slots = of.map((_, number) => ({ agentType: 's1-x', number, epoch: 1 }))
        const { wants, changed } = slotWants('s1-x', [{ count }], slots, views)
        const keys = wants.map(want => want.key)
        expect(new Set(keys).size).toBe(count)
        expect(views.filter(view => keys.includes(view.unit.want))).toEqual([])
        expect(changed.map(slotKey).every(key => keys.includes(key))).toBe(true)
      }),
    )
  })
})

describe('whatever the fleet, the queue and the targets', () => {
  const machine = fc.record({
    phase: fc.constantFrom<Phase>('launching', 'booting', 'online', 'draining', 'terminating', 'gone'),
    agent: fc.constantFrom<UnitView['agent']>('idle', 'busy', 'absent', 'unknown'),
    pool: fc.constantFrom('p', 'q'),
    job: fc.option(fc.integer({ min: 100, max: 130 }), { nil: undefined }),
  })
  const targets = fc.record({
    max: fc.integer({ min: 1, max: 12 }),
    min: fc.nat(12),
    idle: fc.nat(12),
    scaleFactor: fc.double({ min: 0, max: 2, noNaN: true }),
  })
  const world = fc.record({
    machines: fc.uniqueArray(machine, { maxLength: 15, selector: one => one.job ?? {} }),
    p: targets,
    q: targets,
    queued: fc.nat(30),
    running: fc.nat(10),
    jobs: fc.uniqueArray(fc.integer({ min: 100, max: 130 }), { maxLength: 10 }),
    binding: fc.constantFrom<'job' | 'queue'>('job', 'queue'),
    maxAlive: fc.integer({ min: 1, max: 25 }),
  })

  type World = typeof world extends fc.Arbitrary<infer T> ? T : never

  function plan({ machines, p, q, queued, running, jobs, binding, maxAlive }: World) {
    const units = fleet(machines.map(({ job, ...rest }) => ({ ...rest, ...(job !== undefined && { job }) })))
    const jobIds = binding === 'job' ? jobs.map(jobId) : []
    const queuedCount = Math.max(queued, jobIds.length)
    const queues = new Map([['s1-x', known({ jobIds, queuedCount, runningCount: running })]])
    const seen = pictureOf(units, { queues })
    const pools = [
      { name: 'p', ...p },
      { name: 'q', ...q },
    ]
    const { wants, excess } = standing({ agentType: 's1-x', binding, pools }, seen, [])
    const policy = policyOf({
      only: pools.map(({ name, max }) => poolPolicy({ name, max })),
      wants,
      maxAlive,
      surplus: new Map(excess.map(view => [unitKey(view.unit), 'too many'])),
    })
    const input = { picture: seen, policy, memory: memoryOf(), now: t0 + 1000 }
    return { units, launches: planLaunches(input), endings: planEndings(input), excess }
  }

  it('no pool, and not all together, get more machines than they may have', () => {
    fc.assert(
      fc.property(world, given => {
        const { units, launches } = plan(given)
        const alive = units.filter(isAlive)
        for (const name of ['p', 'q'] as const) {
          const there = alive.filter(view => view.launch.pool === name).length
          const coming = launches.filter(one => one.pool === name).flatMap(one => one.wants).length
          expect(coming).toBeLessThanOrEqual(Math.max(0, given[name].max - there))
        }
        const coming = launches.flatMap(one => one.wants).length
        expect(coming).toBeLessThanOrEqual(Math.max(0, given.maxAlive - alive.length))
      }),
    )
  })

  it('no pool is brought below what it keeps', () => {
    const one = fc.constantFrom<Machine>({}, {}, idle, busy, { phase: 'terminating' }, { phase: 'draining' })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.nat(5), fc.nat(2), (machines, min, queued) => {
        const { excess } = standing({ ...type, ...pool({ min }) }, picture(machines, queued), [])
        const up = machines.filter(({ phase }) => phase !== 'terminating' && phase !== 'draining').length
        if (excess.length > 0) expect(up - excess.length).toBeGreaterThanOrEqual(min)
      }),
    )
  })

  it('no job that has a machine gets another, and no want two', () => {
    fc.assert(
      fc.property(world, given => {
        const { units, launches } = plan(given)
        const keys = launches.flatMap(one => one.wants.map(want => want.key))
        const served = new Set(units.filter(isAlive).map(view => view.unit.want))
        expect(new Set(keys).size).toBe(keys.length)
        expect(keys.filter(key => served.has(key))).toEqual([])
      }),
    )
  })

  it('nothing with an agent is ended for being too much, and nothing is launched in the tick that ends it', () => {
    fc.assert(
      fc.property(world, given => {
        const { units, endings, excess, launches } = plan(given)
        const ended = new Set(endings.flatMap(one => (one.unit ? [unitKey(one.unit)] : [])))
        for (const { unit, agent } of units) {
          const isAtWork = agent === 'busy' || agent === 'idle' || unit.entered.online !== undefined
          if (isAtWork && unit.phase === 'online') expect(ended.has(unitKey(unit))).toBe(false)
        }
        for (const pool of new Set(excess.map(view => view.launch.pool))) {
          const kept = launches.filter(one => one.pool === pool && one.wants.some(want => want.pool === pool))
          expect(kept).toEqual([])
        }
      }),
    )
  })
})
