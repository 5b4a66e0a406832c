import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { jobs, newRound } from '../support/round.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

it('redraws a table in place on a terminal', async () => {
  await using round = await newRound({ jobs: jobs(2, 'sleep 1') })
  const command = `stty cols 120 rows 40; ${process.execPath} ${bin} provision`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...round.home.env, TERM: 'xterm' },
    cwd: round.home.folder,
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part
  })
  const code = await new Promise(resolve => child.on('close', resolve))

  expect(code).toBe(0)
  expect(text).toMatch(/0 done, 2 under way, 0 waiting, 0 failed; 2 instances/)
  expect(text).toMatch(/INSTANCE +POOL +PHASE +AGE +JOB/)
  // Lines are erased before they are drawn again, and the summary stays.
  expect(text).toContain('\u001b[2K')
  expect(text).toContain('Nothing is left behind.')
})
