import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { run, until } from '../support/cli.ts'
import type { Stage } from './deaths.ts'
import { journalFolder } from './scene.ts'

/** On this host everybody waits for it in vain, and is told so; another host serves its jobs. Then it wakes up. */
export async function whileItSleepsWithTheLock({ scene, victim, expect }: Stage): Promise<void> {
  const { home, hub } = scene.round
  // Its launch may be through before the signal comes; then it is caught in another tick.
  await fallAsleep(scene, victim, 'with the lock', isFree => !isFree)
  const blocked = await run(home, 'capacity', 'run', '--deadline', '3s')
  // Where it sleeps in the middle of a commit, the journal is as busy as the lock.
  const says = expect.stringMatching(/Next: .*(holds the lock|keeps it busy)/)
  expect(blocked, blocked.stdout).toMatchObject({ code: 12, stderr: says })
  const other = scene.elsewhere()
  await until(
    'all jobs are done on the other host',
    async () => {
      await run(other, 'capacity', 'run', '--for', '10s')
      return hub.jobs().every(job => job.state === 'finished')
    },
    120_000,
  )
  victim.child.kill('SIGCONT')
}

/** It holds no lock: whoever comes next goes on from where it was. Then it wakes up. */
export async function whileItSleeps({ scene, victim }: Stage): Promise<void> {
  const { home, hub } = scene.round
  await fallAsleep(scene, victim, 'without the lock', isFree => isFree)
  await until(
    'all jobs are done under cron',
    async () => {
      await run(home, 'capacity', 'run', '--for', '10s')
      return hub.jobs().every(job => job.state === 'finished')
    },
    120_000,
  )
  victim.child.kill('SIGCONT')
}

/** Tries until the lock is as wanted. */
async function fallAsleep(
  { round: { home } }: Stage['scene'],
  { child }: Stage['victim'],
  how: string,
  isWanted: (isFree: boolean) => boolean,
): Promise<void> {
  await until(`it sleeps ${how}`, () => {
    child.kill('SIGSTOP')
    if (isWanted(isFree(join(journalFolder(home), 'lock.sqlite')))) return true
    child.kill('SIGCONT')
    return false
  })
}

function isFree(lock: string): boolean {
  using database = new DatabaseSync(lock)
  try {
    database.exec('pragma busy_timeout = 0; begin exclusive')
    return true
  } catch {
    return false
  }
}
