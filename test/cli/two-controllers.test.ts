import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Ended, type Home, run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, processesOf, type Round } from '../support/round.ts'

const launchesOf = ({ stdout }: Ended) =>
  JSON.parse(stdout)
    .actions.filter((one: { kind: string }) => one.kind === 'launch')
    .flatMap((one: { units: string[] }) => one.units)

/** A host of its own: another journal, the same cloud. */
function hostOf({ home }: Round, name: string): Home {
  return { ...home, env: { ...home.env, AGENTCTL_STATE_DIR: join(home.folder, name) } }
}

it('two controllers on two journals: one registered machine per job, under the same launch id, and nothing left', async () => {
  await using round = await newRound({ jobs: jobs(6, 'sleep 1') }, { AGENTCTL_PROVIDER: '' })
  const { hub, home } = round
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: test-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [here] } }
pools: { here: { provider: local, shared: true } }
`,
  )
  const hosts = ['one', 'two'].map(name => hostOf(round, name))
  const controllers = hosts.map(host => start(host, 'capacity', 'run', '--for', '12s', '--json', '--verbose'))
  await until('some are done', () => hub.jobs().some(job => job.state === 'finished'))
  hub.queue(jobs(4, 'true'))
  const ended = await Promise.all(controllers.map(one => one.ended))
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  await until('all are done', async () => {
    await run(hosts[0] as Home, 'capacity', 'run')
    return hub.jobs().every(job => job.state === 'finished')
  })

  expect(hub.jobs().map(job => job.runs)).toEqual(Array(10).fill(1))
  const registered = hub.events().filter(event => event.event === 'registered')
  expect(registered).toHaveLength(10)
  // Where both saw a job before its machine was listed, both asked for it, under one name.
  const asked = ended.map(launchesOf)
  expect(asked.flat().length).toBeGreaterThanOrEqual(10)
  expect(new Set(registered.map(event => ('agent' in event ? event.agent : ''))).size).toBe(10)
  await until('nothing is left', async () => {
    await run(hosts[1] as Home, 'capacity', 'run')
    return instanceFolders(round).length === 0
  })
  expect(processesOf(round)).toEqual([])
})
