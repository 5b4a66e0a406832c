import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Running, run, start, until } from '../support/cli.ts'
import { instanceFolders, jobs, newRound, type Round } from '../support/round.ts'

const finished = ({ hub }: Round) => hub.jobs().filter(job => job.state === 'finished').length

function configure({ hub, home }: Round, change = ''): void {
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: test-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [here] } }
pools: { here: { provider: local${change} } }
`,
  )
}

async function serving(
  round: Round,
  ...args: readonly string[]
): Promise<Running & { readonly url: string }> {
  const served = start(round.home, 'capacity', 'serve', '--listen', '127.0.0.1:0', ...args)
  await until('it listens', () => /http:\S+\/metrics/.test(served.output()))
  const url = /(http:\S+)\/metrics/.exec(served.output())?.[1] ?? ''
  return { ...served, url }
}

const textOf = async (url: string) => (await fetch(url)).text()

describe('capacity serve', () => {
  it('serves jobs as they come, tells Prometheus, and hands over at SIGTERM', async () => {
    await using round = await newRound({ jobs: jobs(2, 'true') }, { AGENTCTL_PROVIDER: '' })
    configure(round)
    const served = await serving(round)
    await until('the first jobs are done', () => finished(round) === 2)
    const [long] = round.hub.queue(jobs(1, 'sleep 8'))
    await until('the next one runs', () => round.hub.job(long ?? '')?.state === 'running')
    const metrics = await textOf(`${served.url}/metrics`)
    expect(metrics).toMatch(/agentctl_launched_total\{pool="here"\} 3/)
    expect(metrics).toMatch(/agentctl_pool_max\{pool="here"\} 10/)
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200)
    served.child.kill('SIGTERM')
    expect(await served.ended).toMatchObject({ code: 0 })
    expect(round.hub.job(long ?? '')?.state).toBe('running')
    const next = await serving(round)
    await until('it is done', () => finished(round) === 3)
    await until('nothing is left', () => instanceFolders(round).length === 0)
    next.child.kill('SIGTERM')
    await next.ended
    expect(round.hub.jobs().every(job => job.runs === 1)).toBe(true)
  })

  it('takes a new configuration on SIGHUP or change, and refuses a wrong one in words', async () => {
    await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
    configure(round)
    const served = await serving(round)
    const says = (what: RegExp) => until(String(what), () => what.test(served.output()))
    configure(round, ', capacity: { max: none }')
    await says(/max: must be|max.*number/)
    await says(/The old configuration goes on/)
    round.hub.queue(jobs(1, 'true'))
    await until('the old one goes on', () => finished(round) === 1)
    configure(round, ', capacity: { max: 3 }')
    served.child.kill('SIGHUP')
    await says(/new configuration is in force/)
    await until('it counts', async () =>
      /agentctl_pool_max\{pool="here"\} 3/.test(await textOf(`${served.url}/metrics`)),
    )
    served.child.kill('SIGTERM')
    expect(await served.ended).toMatchObject({ code: 0 })
  })

  it('says which address it cannot have', async () => {
    await using round = await newRound()
    const port = round.hub.endpoint
    const ended = await run(round.home, 'capacity', 'serve', '--listen', port)
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/Cannot listen .*EADDRINUSE/) })
  })
})
