import { expect } from 'vitest'
import { newArmRound, played as playedAzure } from '../clouds/arm/round.ts'
import { countCalls } from '../clouds/aws/calls.ts'
import { type Moto, missingMoto } from '../clouds/aws/moto.ts'
import { setStage, subnetsOf } from '../clouds/aws/stage.ts'
import { newGceRound, played as playedGoogle } from '../clouds/gce/round.ts'
import { playGuests } from '../clouds/guests.ts'
import type { Home } from '../support/cli.ts'
import { putOnPath } from '../support/on-path.ts'
import { jobs } from '../support/round.ts'
import type { Said } from '../support/shell.ts'
import { results } from './rounds.ts'
import { step } from './table.ts'

const oneJob = { jobs: jobs(1, 'echo hello') }

/** As a person has it, and without the API: then only the hook's word can tell why a machine ended. */
function ready(home: Home): Home {
  putOnPath(home)
  const { SEMAPHORE_API_TOKEN: _, ...env } = home.env
  return { ...home, env }
}

function expectHookSaid({ code, stdout, output }: Said): void {
  expect(code, output).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    wanted: 1,
    done: 1,
    machines: 1,
    reasons: { 'job-finished': 1 },
    left: [],
    exit: 0,
  })
}

export function clouds(moto: () => Moto): void {
  const chapter = 'Isolation with cloud instances'
  const missing = missingMoto()

  step(chapter, 'shutdown hook and disconnect-after-job on AWS', { missing }, async next => {
    await using stage = await setStage(moto(), await subnetsOf(moto()), { hub: oneJob })
    const home = ready(stage.round.home)
    const { stdout: userData } = await next(home)
    expect(userData).toMatch(/^disconnect-after-job: true$/m)
    expect(userData).toMatch(/shutdown-hook-path/)
    expect(userData).toContain('SEMAPHORE_AGENT_SHUTDOWN_REASON')

    expectHookSaid(await next(home, { more: '--json' }))
    expect(results(stage.round)).toEqual(['passed 1'])
    // It ended itself, and that was the end of it.
    expect(await stage.instances()).toMatchObject([{ state: 'terminated', shutdownBehavior: 'terminate' }])
    expect(countCalls(stage.front.passed).counts).toMatchObject({ create: 1, terminate: 0 })
    expect(await stage.left()).toEqual([])
  })

  step(chapter, 'the same, automated', { missing }, async next => {
    await using stage = await setStage(moto(), await subnetsOf(moto()), { hub: oneJob })
    const ended = await next(ready(stage.round.home))
    expect(ended, ended.output).toMatchObject({ code: 0 })
    await stage.round.hub.until(({ event }) => event === 'disconnected', 30_000)
    expect(results(stage.round)).toEqual(['passed 1'])
    await expect.poll(() => stage.left(), { timeout: 30_000 }).toEqual([])
  })

  step(chapter, 'shutdown hook and disconnect-after-job on Google Cloud', {}, async next => {
    await using round = await newGceRound({ hub: oneJob, hasApiToken: false })
    await using _ = await playGuests(playedGoogle(round.gce))
    expectHookSaid(await next(ready(round.home), { more: '--json' }))
    expect(results(round)).toEqual(['passed 1'])
    expect([...round.gce.left(), ...round.gce.violations]).toEqual([])
  })

  step(chapter, 'shutdown hook and disconnect-after-job on Azure', {}, async next => {
    await using round = await newArmRound({ hub: oneJob })
    await using _ = await playGuests(playedAzure(round.arm))
    expectHookSaid(await next(ready(round.home), { more: '--json' }))
    expect(results(round)).toEqual(['passed 1'])
    expect(round.arm.left()).toEqual([])
  })
}
