import { expect, it } from 'vitest'
import { jobs, newRound } from '../support/round.ts'
import { startOnTerminal } from '../support/terminal.ts'

it('redraws a table in place on a terminal', async () => {
  await using round = await newRound({ jobs: jobs(2, 'sleep 1') })
  const { code, stdout: text } = await startOnTerminal(round.home, 'provision').ended

  expect(code).toBe(0)
  expect(text).toMatch(/0 done, 2 under way, 0 waiting, 0 failed; 2 instances/)
  expect(text).toMatch(/INSTANCE +POOL +PHASE +AGE +JOB/)
  // Lines are erased before they are drawn again, and the summary stays.
  expect(text).toContain('\u001b[2K')
  expect(text).toContain('Nothing is left behind.')
})
