import { expect, it } from 'vitest'
import { run, until } from '../../support/cli.ts'
import { jobs } from '../../support/round.ts'
import { playGuests } from '../guests.ts'
import type { Arm } from './index.ts'
import { noAnswer, outOfHosts } from './knobs.ts'
import { newArmRound, played } from './round.ts'

const count = 6
const limitMs = 150_000
const puts = 'PUT virtualMachines/:name'
const throttled = {
  kind: 'status',
  status: 429,
  code: 'TooManyRequests',
  headers: { 'retry-after': '1' },
} as const

/** Spot is sold out, creations fail half-way, answers are lost, and ARM throttles everything in between. */
function goWrong({ knobs, faults }: Arm): void {
  knobs.soldOut.set('Standard_D2s_v5/1/spot', { code: 'ZonalAllocationFailed', when: 'later' })
  knobs.soldOut.set('Standard_D2s_v5/2/spot', { code: 'SkuNotAvailable', when: 'at-once' })
  const halfWay = { kind: 'half-way', error: outOfHosts } as const
  faults.armCreate(
    { ...halfWay, after: 'interface', isMachineMade: false },
    { ...halfWay, after: 'disk', isMachineMade: true },
    { kind: 'runs', error: noAnswer },
  )
  faults.arm(puts, { kind: 'lose-reply' }, { skip: 4 })
  faults.arm(puts, throttled, { times: 2, skip: 8 })
  faults.arm('DELETE virtualMachines/:name', throttled, { times: 2, skip: 4 })
}

it('whatever goes wrong on Azure, every job runs once and nothing is left', {
  timeout: limitMs,
}, async () => {
  await using round = await newArmRound({
    hub: { jobs: jobs(count, 'echo hello') },
    spec: { zones: ['1', '2'], market: ['spot', 'on-demand'] },
    knobs: { reservationMs: 2000 },
  })
  const { hub, arm, home } = round
  goWrong(arm)
  await using _ = await playGuests(played(arm))

  const ended = await run(home, 'provision', '--concurrency', String(count), '--json')

  expect(JSON.parse(ended.stdout)).toMatchObject({ wanted: count, done: count, left: [], exit: 0 })
  expect(hub.jobs().filter(job => job.runs !== 1 || job.result !== 'passed')).toEqual([])
  expect(arm.guests()).toEqual([])
  // What was left of a creation that failed before there was a machine is swept, from any host.
  expect(arm.left()).toEqual([expect.stringMatching(/^address /), expect.stringMatching(/^interface /)])
  await until(
    'nothing is left',
    async () => {
      await run(home, 'reap')
      return arm.left().length === 0
    },
    60_000,
  )
})
