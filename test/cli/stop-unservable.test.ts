import { expect, it } from 'vitest'
import { run } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'

it('capacity run stops a job whose machines fail, where that is asked for, and says why', async () => {
  await using round = await newRound({ jobs: jobs(1, 'true') })
  const flags = ['--agent-binary', '/bin/false', '--attempts', '1', '--for', '20s', '--json']
  const left = JSON.parse((await run(round.home, 'capacity', 'run', ...flags)).stdout)
  expect(left).toMatchObject({ stopped: [], exit: 13 })
  expect(round.hub.jobs()[0]).toMatchObject({ state: 'queued' })

  const [job] = round.hub.jobs()
  const ended = await run(round.home, 'capacity', 'run', '--stop-unservable-jobs', ...flags)

  const why = expect.stringMatching(/^no machine could be made for it, 1 failed; the last: agent-failed: /)
  expect(JSON.parse(ended.stdout).stopped).toEqual([{ jobId: job?.id, agentType: round.hub.agentType, why }])
  expect(round.hub.jobs()[0]).toMatchObject({ state: 'finished', result: 'stopped', runs: 0 })
})
