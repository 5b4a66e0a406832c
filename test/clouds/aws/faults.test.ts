import { afterAll, beforeAll, describe, type ExpectStatic, it } from 'vitest'
import { type Ended, until } from '../../support/cli.ts'
import { jobs } from '../../support/round.ts'
import { isById } from './calls.ts'
import type { Passed } from './front.ts'
import { type Moto, missingMoto, startMoto } from './moto.ts'
import { type Stage, type StageOptions, setStage, subnetsOf } from './stage.ts'

const missing = missingMoto()
let moto: Moto
let subnets: readonly string[]
beforeAll(async () => {
  if (missing !== undefined) return
  moto = await startMoto()
  subnets = await subnetsOf(moto)
})
afterAll(() => moto?.[Symbol.asyncDispose]())

/** Stories mostly wait, so they are told side by side. */
function story(
  name: string,
  options: () => StageOptions,
  play: (stage: Stage, expect: ExpectStatic) => Promise<void>,
): void {
  it.concurrent(name, { timeout: 300_000 }, async ({ expect }) => {
    await using stage = await setStage(moto, subnets, options())
    await play(stage, expect)
    expect(await stage.left(), 'left behind').toEqual([])
  })
}

const queue = (count: number, command = 'true') => ({ jobs: jobs(count, command) })
const json = ({ stdout }: Ended) => JSON.parse(stdout)
const isLaunch = ({ action, isDry }: Passed) => action === 'RunInstances' && !isDry
const isList = ({ action, params }: Passed) => action === 'DescribeInstances' && !isById(params)
const tokens = ({ front }: Stage) =>
  front.passed.filter(isLaunch).map(({ params }) => params.get('ClientToken'))
const error = (status: number, code: string, message = code) => ({ error: { status, code, message } })

async function expectAllDone(stage: Stage, expect: ExpectStatic, machines: number): Promise<void> {
  const ended = await stage.run('provision', '--json')
  expect(ended.code, ended.stderr).toBe(0)
  expect(stage.round.hub.jobs().map(({ runs, result }) => `${runs} ${result}`)).toEqual(
    stage.round.hub.jobs().map(() => '1 passed'),
  )
  expect(json(ended)).toMatchObject({ machines, left: [], failed: 0 })
}

describe.skipIf(missing !== undefined)(`EC2 that misbehaves ${missing ?? ''}`, () => {
  story(
    'a reply that is lost, and machines that are done before it is asked for again, cost no second machine',
    () => ({
      hub: queue(2),
    }),
    async (stage, expect) => {
      const { hub } = stage.round
      stage.front.decide(async (call, nth) => {
        // A list that showed them first would be as good as the answer.
        if (isList(call) && tokens(stage).length < 2) return { rewrite: withoutReservations }
        if (!isLaunch(call)) return undefined
        if (nth === 1) return { lost: 'reply' }
        await until('the jobs are done, and the machines off', async () => {
          const states = (await stage.instances()).map(({ state }) => state)
          return hub.jobs().every(({ result }) => result === 'passed') && !states.includes('running')
        })
        return undefined
      })
      // No list and no answer ever showed them: that their token is spent says that they were there.
      await expectAllDone(stage, expect, 2)
      expect(await stage.instances()).toHaveLength(2)
      expect(new Set(tokens(stage)).size).toBe(1)
    },
  )

  story(
    'a reply that is lost after the launch was accepted costs no second machine',
    () => ({
      hub: queue(4, 'sleep 8'),
      decide: (call, nth) => (isLaunch(call) && nth === 1 ? { lost: 'reply' } : undefined),
    }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 4)
      expect(tokens(stage)).toHaveLength(2)
      expect(new Set(tokens(stage)).size).toBe(1)
    },
  )

  story(
    'a token whose machines have ended is not used again',
    () => ({
      hub: queue(2),
      fate: (_, nth) => (nth < 2 ? { kind: 'never-boots' } : undefined),
    }),
    async (stage, expect) => {
      stage.front.decide(async (call, nth) => {
        // A list that showed them first would be as good as the answer.
        if (isList(call) && tokens(stage).length < 2) return { rewrite: withoutReservations }
        if (!isLaunch(call)) return undefined
        if (nth === 1) return { lost: 'reply' }
        if (nth === 2) for (const { id } of await stage.instances()) await moto.powerOff(id)
        return undefined
      })
      // Nobody ever saw the first two, whose token was spent before it was answered; they count all the same.
      await expectAllDone(stage, expect, 4)
      expect(await stage.instances()).toHaveLength(4)
      expect(new Set(tokens(stage)).size).toBe(2)
    },
  )

  story(
    'a token that stands for another request: its machines are adopted',
    () => ({
      hub: queue(3),
      decide: async (call, nth) => {
        if (!isLaunch(call) || nth > 1) return undefined
        const other = new URLSearchParams(call.params)
        other.set('InstanceType', 'm5.large')
        await fetch(moto.url, {
          method: 'POST',
          body: other,
          headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/ec2/aws4_request' },
        })
        return undefined
      },
    }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 3)
      expect((await stage.instances()).map(({ type }) => type)).toEqual(Array(3).fill('m5.large'))
    },
  )

  story(
    'no capacity in the first offerings leads to the next one, each with its own token',
    () => ({
      hub: queue(3),
      spec: { types: ['c5.large', 'm5.large'] },
      decide: (call, nth) =>
        isLaunch(call) && nth <= 3 ? error(500, 'InsufficientInstanceCapacity') : undefined,
    }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 3)
      expect(new Set(tokens(stage)).size).toBe(4)
    },
  )

  story(
    'a storm of RequestLimitExceeded is sat out',
    () => ({
      hub: queue(3),
      decide: (call, nth) =>
        (isLaunch(call) || isList(call)) && nth <= 2 ? error(503, 'RequestLimitExceeded') : undefined,
    }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 3)
      expect(new Set(tokens(stage)).size).toBe(1)
    },
  )

  story(
    'fresh machines that no list shows are not launched again',
    () => {
      let launchedAt = Number.POSITIVE_INFINITY
      return {
        hub: queue(3, 'sleep 8'),
        decide: (call, nth) => {
          if (isLaunch(call)) launchedAt = Math.min(launchedAt, call.at)
          if (isLaunch(call) && nth === 1) return { lost: 'reply' as const }
          const isFresh = isList(call) && call.at - launchedAt < 7_000
          return isFresh ? { rewrite: withoutReservations } : undefined
        },
      }
    },
    async (stage, expect) => expectAllDone(stage, expect, 3),
  )

  story(
    'a list that breaks off on its second page ends nothing and launches nothing',
    () => ({
      hub: queue(12, 'sleep 4'),
      // Launches of one machine each: a page holds launches.
      pool: { shared: true },
      decide: (call, nth) => {
        if (!isList(call)) return undefined
        const params = new URLSearchParams(call.params)
        params.set('MaxResults', '5')
        const isSecond = params.has('NextToken')
        return isSecond && nth < 12 ? error(503, 'Unavailable') : { params }
      },
    }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 12)
      expect(stage.front.count('TerminateInstances')).toBe(0)
    },
  )
})

function withoutReservations(xml: string): string {
  return xml.replace(/<reservationSet>[\s\S]*<\/reservationSet>/, '<reservationSet/>')
}

describe.skipIf(missing !== undefined)(`machines that come to a bad end ${missing ?? ''}`, () => {
  const market = ['spot', 'on-demand']
  const quickly = { neverSyncedMs: 6_000, idleSilentMs: 18_000, busySilentMs: 60_000 }
  const reclaimedAt = (at: 'boot' | 'registered' | 'job') => ({
    spec: { market },
    fate: (_: unknown, nth: number) =>
      nth === 0 ? ({ kind: 'reclaimed', at, noticeMs: 1_500 } as const) : undefined,
  })

  story(
    'a spot machine that is reclaimed while it boots: its job gets a machine on demand',
    () => ({ hub: queue(1), ...reclaimedAt('boot') }),
    async (stage, expect) => {
      await expectAllDone(stage, expect, 2)
      expect((await stage.instances()).map(one => one.market)).toEqual(['spot', 'on-demand'])
    },
  )

  story(
    'a spot machine that is reclaimed with its job: told as such, and the job is not run twice',
    () => ({ hub: queue(1, 'sleep 60'), ...reclaimedAt('job') }),
    async (stage, expect) => {
      const ended = await stage.run('provision', '--json')
      expect(ended.code, ended.stderr).toBe(13)
      expect(json(ended)).toMatchObject({ machines: 1, failed: 1, reasons: { 'spot-reclaimed': 1 } })
      expect(stage.round.hub.jobs()[0]?.runs).toBe(1)
    },
  )

  story(
    'a spot machine that is reclaimed as its agent registers: its job is not run twice, whatever became of it',
    () => ({
      // Until the hub calls the first agent lost, the second is told that the job is not available.
      hub: { ...queue(1, 'sleep 20'), knobs: { staleness: quickly } },
      // A machine whose job the hub has given up meanwhile is refused until its agent's deadline.
      pool: { timeouts: { boot: '60s', agent: '30s' } },
      ...reclaimedAt('registered'),
    }),
    async (stage, expect) => {
      const ended = await stage.run('provision', '--json')
      expect([0, 13], ended.stderr).toContain(ended.code)
      expect(json(ended).reasons['spot-reclaimed']).toBe(1)
      expect(stage.round.hub.jobs()[0]?.runs).toBeLessThanOrEqual(1)
    },
  )

  it.concurrent('a terminate that is not allowed: the right, what is left, and how it ends', {
    timeout: 150_000,
  }, async ({ expect }) => {
    await using stage = await setStage(moto, subnets, {
      hub: queue(1),
      pool: { attempts: 1, timeouts: { boot: '3s', agent: '3s' } },
      fate: () => ({ kind: 'never-boots' }),
      decide: ({ action, isDry }) =>
        action === 'TerminateInstances' && !isDry
          ? error(403, 'UnauthorizedOperation', 'User is not authorized to perform: ec2:TerminateInstances')
          : undefined,
    })
    const ended = await stage.run('provision')
    const [instance] = await stage.instances()
    expect(ended.code, ended.stderr).toBe(10)
    expect(ended.stderr).toContain('ec2:TerminateInstances')
    expect(ended.stdout + ended.stderr).toContain(instance?.id)
    expect(await stage.instances()).toHaveLength(1)

    stage.front.decide(() => undefined)
    const reaped = await stage.run('reap', '--json')
    expect(reaped.code, reaped.stderr).toBe(0)
    expect(await stage.left()).toEqual([])
  })

  story(
    'a guest that never boots is ended at its deadline, and told with the next step',
    () => ({
      hub: queue(1),
      pool: { attempts: 1, timeouts: { boot: '4s', agent: '3s' } },
      fate: () => ({ kind: 'never-boots' }),
    }),
    async (stage, expect) => {
      const ended = await stage.run('provision', '--json')
      expect(ended.code, ended.stderr).toBe(13)
      expect(json(ended)).toMatchObject({ machines: 1, failed: 1, reasons: { 'boot-timeout': 1 }, left: [] })
      expect(stage.front.count('TerminateInstances')).toBe(1)
    },
  )
})
