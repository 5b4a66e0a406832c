import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobs } from '../../support/round.ts'
import { countCalls } from './calls.ts'
import { type Moto, missingMoto, startMoto } from './moto.ts'
import { setStage, subnetsOf } from './stage.ts'

const missing = missingMoto()
let moto: Moto
let subnets: readonly string[]
beforeAll(async () => {
  if (missing !== undefined) return
  moto = await startMoto()
  subnets = await subnetsOf(moto)
})
afterAll(() => moto?.[Symbol.asyncDispose]())

describe.skipIf(missing !== undefined)(`provision on EC2 ${missing ?? ''}`, () => {
  it('100 queued jobs: one launch, a machine for each, every job once, nothing left', {
    timeout: 120_000,
  }, async () => {
    await using stage = await setStage(moto, subnets, { hub: { jobs: jobs(100, 'sleep 5') } })
    const { hub } = stage.round

    const ended = await stage.run('provision', '--concurrency', '100', '--json')

    expect(ended.code, ended.stderr).toBe(0)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      wanted: 100,
      done: 100,
      machines: 100,
      reasons: { 'job-finished': 100 },
      left: [],
      exit: 0,
    })
    expect(hub.jobs().filter(({ runs, result }) => runs === 1 && result === 'passed')).toHaveLength(100)
    expect(new Set(hub.jobs().map(({ agent }) => agent)).size).toBe(100)
    // Machines that end themselves need no call.
    const { counts, listsAMinute } = countCalls(stage.front.passed)
    expect(counts).toMatchObject({ create: 1, terminate: 0 })
    expect(listsAMinute).toBeLessThanOrEqual(12)
    expect(await stage.instances()).toHaveLength(100)
    expect(await stage.left()).toEqual([])
    expect(ended.stdout + ended.stderr).not.toContain(hub.token)
  })
})
