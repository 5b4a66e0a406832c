import { describe, expect, it } from 'vitest'
import { run } from '../../support/cli.ts'
import { jobs } from '../../support/round.ts'
import { playGuests } from '../guests.ts'
import { stockOut, stockOutWithDetails } from './index.ts'
import { type GceRound, newGceRound, played } from './round.ts'

const count = 100
const limitMs = 300_000

async function provisioned(round: GceRound) {
  await using _ = await playGuests(played(round.gce))
  const ended = await run(round.home, 'provision', '--concurrency', String(count), '--json')
  expect(ended.stderr).not.toMatch(/internal|Error:/)
  return { ...ended, result: JSON.parse(ended.stdout) }
}

function expectAllDone({ gce, hub }: GceRound, { code, result }: Awaited<ReturnType<typeof provisioned>>) {
  expect(result).toMatchObject({ wanted: count, done: count, left: [], exit: 0 })
  expect(code).toBe(0)
  expect(hub.jobs().filter(job => job.runs !== 1 || job.result !== 'passed')).toEqual([])
  expect(gce.left()).toEqual([])
  expect(gce.violations).toEqual([])
}

describe.concurrent('provision --provider gcp', () => {
  it('gives 100 queued jobs a machine each, and leaves nothing', { timeout: limitMs }, async () => {
    await using round = await newGceRound({ hub: { jobs: jobs(count, 'echo hello') } })
    const ended = await provisioned(round)
    expectAllDone(round, ended)
    const { gce } = round
    expect(ended.result).toMatchObject({ machines: count, reasons: { 'job-finished': count } })
    const calls = gce.calls()
    // One insert a machine, one delete, and its user data taken away once.
    expect(calls['POST zones/:zone/instances']).toBe(count)
    expect(calls['DELETE zones/:zone/instances/:name']).toBe(count)
    expect(calls['POST zones/:zone/instances/:name/setMetadata'] ?? 0).toBeLessThanOrEqual(count)
  })

  it('with two of three zones exhausted, the third has them all', { timeout: limitMs }, async () => {
    await using round = await newGceRound({
      hub: { jobs: jobs(count, 'echo hello') },
      knobs: {
        exhaustedZones: new Map([
          ['test-west1-a', stockOut],
          ['test-west1-b', stockOutWithDetails],
        ]),
      },
    })
    const ended = await provisioned(round)
    expectAllDone(round, ended)
    const made = round.gce.history()
    const stayed = made.filter(({ zone }) => zone === 'test-west1-c')
    expect(stayed).toHaveLength(count)
  })
})
