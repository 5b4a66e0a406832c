import { describe, expect, it } from 'vitest'
import { run } from '../../support/cli.ts'
import { jobs } from '../../support/round.ts'
import { playGuests } from '../guests.ts'
import { type ArmRound, newArmRound, played } from './round.ts'

const limitMs = 120_000

async function provisioned(round: ArmRound, count: number) {
  await using _ = await playGuests(played(round.arm))
  const ended = await run(round.home, 'provision', '--concurrency', String(count), '--json')
  expect(ended.stderr).not.toMatch(/internal|Error:/)
  return { ...ended, result: JSON.parse(ended.stdout) }
}

type Ended = Awaited<ReturnType<typeof provisioned>>

function expectAllDone({ arm, hub }: ArmRound, { code, result }: Ended, count: number) {
  expect(result).toMatchObject({ wanted: count, done: count, left: [], exit: 0 })
  expect(code).toBe(0)
  expect(hub.jobs().filter(job => job.runs !== 1 || job.result !== 'passed')).toEqual([])
  expect(arm.left()).toEqual([])
  expect(arm.violations).toEqual([])
}

describe('provision --provider azure', () => {
  it('gives 50 queued jobs a machine each by 50 PUTs, and leaves nothing', { timeout: limitMs }, async () => {
    const count = 50
    await using round = await newArmRound({ hub: { jobs: jobs(count, 'echo hello') } })
    const ended = await provisioned(round, count)
    console.log(JSON.stringify({ seconds: ended.result.seconds, calls: round.arm.calls() }))
    expectAllDone(round, ended, count)
    expect(ended.result).toMatchObject({ machines: count, reasons: { 'job-finished': count } })
    const calls = round.arm.calls()
    expect(calls['PUT virtualMachines/:name']).toBe(count)
    expect(calls['DELETE virtualMachines/:name']).toBe(count)
  })
})
