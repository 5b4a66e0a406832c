import { describe, expect, it } from 'vitest'
import { newArmRound, played as playedArm } from '../clouds/arm/round.ts'
import { missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { setStage, subnetsOf } from '../clouds/aws/stage.ts'
import { newGceRound, played as playedGce } from '../clouds/gce/round.ts'
import { playGuests } from '../clouds/guests.ts'
import { jobs } from '../support/round.ts'
import { succeed, wayThrough } from './support.ts'

const missing = missingMoto()
const hub = { jobs: jobs(1, 'echo hello') }
const done = { wanted: 1, done: 1, machines: 1, reasons: { 'job-finished': 1 }, left: [], exit: 0 }

describe.concurrent('a plugin installed from the registry provisions', () => {
  it.skipIf(missing !== undefined)(`aws, on moto ${missing ?? ''}`, async () => {
    await using moto = await startMoto()
    await using stage = await setStage(moto, await subnetsOf(moto), { hub })
    await wayThrough(stage.round.home, 'aws', async () => {
      const ended = await succeed(stage.round.home, 'provision', '--json')
      expect(JSON.parse(ended.stdout)).toMatchObject(done)
      expect(await stage.left()).toEqual([])
    })
  })

  it('gcp, on the emulator', async () => {
    await using round = await newGceRound({ hub })
    await using _ = await playGuests(playedGce(round.gce))
    await wayThrough(round.home, 'gcp', async () => {
      const ended = await succeed(round.home, 'provision', '--json')
      expect(JSON.parse(ended.stdout)).toMatchObject(done)
      expect(round.gce.left()).toEqual([])
      expect(round.gce.violations).toEqual([])
    })
  })

  it('azure, on the emulator', async () => {
    await using round = await newArmRound({ hub })
    await using _ = await playGuests(playedArm(round.arm))
    await wayThrough(round.home, 'azure', async () => {
      const ended = await succeed(round.home, 'provision', '--json')
      expect(JSON.parse(ended.stdout)).toMatchObject(done)
      expect(round.arm.left()).toEqual([])
    })
  })
})
