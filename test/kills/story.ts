import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { type Ended, type Home, type Running, run, start, until } from '../support/cli.ts'
import { jobs, processesOf } from '../support/round.ts'
import { startOnTerminal } from '../support/terminal.ts'
import type { Death, Stage } from './deaths.ts'
import { hasRuns, openRows, type Scene } from './scene.ts'
import { smallDisk } from './small-disk.ts'

/** More than run at once, so that some wait when death strikes. */
const jobCount = 3
/** Jobs have to outlast a few looks of their controller, which some clouds allow it seldom. */
export const queue = (jobSeconds: number) => jobs(jobCount, `sleep ${jobSeconds}`)
const provision = ['provision', '--concurrency', '2']

/** Machines of a dead controller end by themselves, on a busy host later. Unit: milliseconds. */
const patienceMs = 150_000

/** From the start of a controller to its deadly moment. Unit: milliseconds. */
const momentMs = 90_000

const moments: Readonly<Record<Death['at'], (scene: Scene, victim: Running) => Promise<unknown>>> = {
  start: ({ round: { home } }) => until('it begins', () => hasRuns(home), momentMs),
  launch: (_, { output }) => until('it launches', () => output().includes('Launching'), momentMs),
  job: ({ round: { hub } }) => hub.until(event => event.event === 'job-started', momentMs),
}

/** Somebody dies; somebody else runs until all is done. Then every job ran once, and nothing is left of any of it. */
export async function play(
  death: Death,
  scene: Scene,
  { expect, skip }: Pick<TestContext, 'expect' | 'skip'>,
): Promise<void> {
  const { hub, home: plain } = scene.round
  using disk = death.on === 'small disk' ? await smallDisk(plain) : undefined
  if (death.on === 'small disk' && !disk && !process.env.CI) skip('mounting a small disk needs root')
  const home = disk?.home ?? plain
  const victim = (death.on === 'terminal' ? startOnTerminal : start)(home, ...(death.command ?? provision))
  // One that sleeps would do so for ever where its story breaks off.
  using _ = { [Symbol.dispose]: () => void victim.child.kill('SIGKILL') }
  const stage: Stage = { scene, victim, disk, expect }
  await moments[death.at](scene, victim)
  await death.strike(stage)
  const struckAt = Date.now()
  expectEnd(death.end, await victim.ended, expect)
  expect(Date.now() - struckAt, 'time to its end').toBeLessThan(death.endMsMax ?? 60_000)
  await death.mend?.(stage)
  const last = await runUntilDone(home, scene, expect)

  expect(hub.jobs().map(({ result, runs }) => ({ result, runs }))).toEqual(
    Array(jobCount).fill({ result: 'passed', runs: 1 }),
  )
  expect(await scene.left()).toEqual([])
  expect(processesOf(scene.round)).toEqual([])
  expect(openRows(disk?.copy() ?? join(plain.folder, 'state'))).toEqual([])
  expect(victim.output() + last).not.toContain(hub.token)
}

function expectEnd(end: Death['end'], ended: Ended, expect: TestContext['expect']): void {
  const { stdout, stderr } = ended
  const { says = /(?:)/, ...how } = { says: undefined, ...end }
  expect(ended, stderr + stdout).toMatchObject(how)
  expect(stdout + stderr).toMatch(says)
}

async function runUntilDone(
  home: Home,
  { round: { hub }, left }: Scene,
  expect: TestContext['expect'],
): Promise<string> {
  let said = ''
  const good = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(home, ...args)
    expect(code, stderr + stdout).toBe(0)
    said += stderr + stdout
  }
  await until(
    'every job is done',
    async () => {
      await good('provision')
      return hub.jobs().every(job => job.state === 'finished')
    },
    patienceMs,
  )
  await until(
    'nothing is left',
    async () => {
      await good('reap')
      return (await left()).length === 0
    },
    patienceMs,
  )
  return said
}
