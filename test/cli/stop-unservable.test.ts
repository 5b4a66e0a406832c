import { expect, it } from 'vitest'
import { run, until } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'

it('capacity run stops a job whose machines fail, where that is asked for, and says why', async () => {
  await using round = await newRound({ jobs: jobs(1, 'true') })
  const capacity = async (...flags: readonly string[]) => {
    const { stdout } = await run(
      round.home,
      ...['capacity', 'run', '--json', '--agent-binary', '/bin/false', '--attempts', '1', ...flags],
    )
    return JSON.parse(stdout)
  }
  await until('its attempts are spent', async () => (await capacity()).exit === 13, 60_000)
  expect((await capacity()).stopped).toEqual([])
  expect(round.hub.jobs()[0]).toMatchObject({ state: 'queued' })

  const { stopped } = await capacity('--stop-unservable-jobs')

  const jobId = round.hub.jobs()[0]?.id
  const why = expect.stringMatching(/^no machine could be made for it, 1 failed; the last: agent-failed: /)
  expect(stopped).toEqual([{ jobId, agentType: round.hub.agentType, why }])
  expect(round.hub.jobs()[0]).toMatchObject({ state: 'finished', result: 'stopped', runs: 0 })
})
