import { describe, expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'
import { ask, containersOf, image, sharedEngine } from './engine.ts'

const engine = await sharedEngine()
const owner = () => `job-${Math.random().toString(36).slice(2, 10)}`

/** A hub, and an environment in which the command line finds it, the engine and the provider. */
async function dockerRound(options: Parameters<typeof newRound>[0]): Promise<Round> {
  return newRound(options, {
    AGENTCTL_PROVIDER: 'docker',
    AGENTCTL_OWNER: owner(),
    DOCKER_HOST: `unix://${engine.socket}`,
    // Providers that do not come with the command line are found in a checkout.
    NODE_ENV: 'development',
  })
}

/** With the host's network, the hub of this machine is 127.0.0.1 in the container too. */
const pool = ['--set', `image=${image}`, '--set', 'network=host', '--agent-binary', '/usr/local/bin/agent']
const ownerOf = ({ home }: Round) => home.env.AGENTCTL_OWNER ?? ''
const left = (round: Round) => containersOf(engine, ownerOf(round))

describe.skipIf(engine.missing !== undefined)(`provision with containers ${engine.missing ?? ''}`, () => {
  it('gives each queued job a container of its own, and leaves nothing behind', async () => {
    await using round = await dockerRound({ jobs: jobs(2, 'echo hello', 'test -d "$HOME"') })

    const ended = await run(round.home, 'provision', ...pool, '--json')

    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.stdout)).toMatchObject({ wanted: 2, done: 2, machines: 2, left: [], exit: 0 })
    expect(round.hub.jobs().map(({ result, runs }) => ({ result, runs }))).toEqual(
      Array(2).fill({ result: 'passed', runs: 1 }),
    )
    expect(await left(round)).toEqual([])
  })

  it('keeps the token out of the engine, the environment, the arguments and the log', async () => {
    // All that a job without other rights can read, short of the memory of the processes beside it.
    const read =
      'for f in /proc/[0-9]*/fd/* /run/agentctl/guest/*; do [ -f "$f" ] && head -c 20000 "$f"; done; sleep 2'
    await using round = await dockerRound({ jobs: jobs(1, 'env; cat /proc/[0-9]*/environ', read) })
    const { hub, home } = round
    const running = start(home, 'provision', ...pool, '--verbose')
    await hub.until(event => event.event === 'job-started')

    const [name = ''] = (await left(round)).map(line => line.replace(/^\/(\S+).*/, '$1'))
    const asked = ['json', 'changes', 'top', 'logs?stdout=1&stderr=1'].map(what =>
      ask(engine, 'GET', `/containers/${name}/${what}`),
    )
    const answers = await Promise.all(asked)
    const imageOf = await ask(engine, 'GET', `/images/${image}/json`)
    const ended = await running.ended

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const everything = [...answers, imageOf].map(({ text }) => text).join('\n')
    expect(everything).toContain(name)
    expect(everything).toContain('/devkit/agent/main.js')
    expect(everything).not.toContain(hub.token)
    expect(ended.stdout + ended.stderr).not.toContain(hub.token)
    expect(hub.log(hub.jobs()[0]?.id ?? '')).not.toContain(hub.token)
    expect(ended.code).toBe(0)
  })

  it('lets a job outlive its controller, and another one clears up', async () => {
    await using round = await dockerRound({ jobs: jobs(1, 'sleep 2') })
    const { hub, home } = round
    const running = start(home, 'provision', ...pool)
    await hub.until(event => event.event === 'job-started')
    running.child.kill('SIGKILL')
    await running.ended

    await until('the job has passed', () => hub.jobs()[0]?.result === 'passed')
    await until('nothing is left after reap', async () => {
      await run(home, 'reap', ...pool.slice(0, 4), '--json')
      return (await left(round)).length === 0
    })

    expect(hub.jobs()[0]?.runs).toBe(1)
  })
})
