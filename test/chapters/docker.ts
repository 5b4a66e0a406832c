import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { containersOf, image, type TestEngine } from '../docker/engine.ts'
import { missingEdges } from '../docs/diagram.ts'
import { until } from '../support/cli.ts'
import { jobs, type Round } from '../support/round.ts'
import { sh } from '../support/shell.ts'
import { eventsOf, newDesk, results } from './rounds.ts'
import { type Next, step } from './table.ts'

const dirty = 'echo dirt >~/dirt; echo dirt >/tmp/dirt'
const clean = 'test ! -e ~/dirt && test ! -e /tmp/dirt'
const thief = 'cat /run/secrets/agent-config /run/agentctl/config.yml; env; cat /proc/[0-9]*/environ; true'

const pageImage = { 'acme/semaphore-agent:1': image }
const inImage = '--user worker --agent-path /usr/local/bin/agent'

/** The words of a `ExecStart=` as systemd reads them. */
function execStart(unit: string): string {
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? []
  return line.replaceAll('%i', '1').replaceAll('%%', '%').replaceAll('$$', '\\$')
}

/** What systemd does: the unit's own command, once more after each end. */
async function respawn({ home }: Round, unit: string): Promise<void> {
  const { code, output } = await sh(home, execStart(unit).replace('--rm', '--rm --network host'))
  expect(code, output).toBe(0)
}

const names: Readonly<Record<string, string>> = {
  registered: 'Registered',
  'job-started': 'Running',
  disconnected: 'Disconnected',
}

export function docker(engine: TestEngine): void {
  const chapter = 'Isolation with Docker'
  const needs = { missing: engine.missing }
  const owner = `chapters-${process.pid}`
  const env = { DOCKER_HOST: `unix://${engine.socket}`, AGENTCTL_OWNER: owner }

  step(chapter, 'agent inside container', needs, async next => {
    await using round = await newDesk({ jobs: [...jobs(1, dirty), ...jobs(1, clean)] }, env)
    const ended = await next(round.home, { words: pageImage, more: '--concurrency 1' })
    expect(ended, ended.output).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1', 'passed 1'])
    expect(await containersOf(engine, owner)).toEqual([])
  })

  /** Writes the agent's settings as the page says: a folder, a file, its mode. */
  async function settled(round: Round, next: Next): Promise<string> {
    const folder = join(round.home.folder, 'semaphore-agent')
    for (let command = 0; command < 3; command++) {
      const ended = await next(round.home, { words: { '/etc/semaphore-agent': folder } })
      expect(ended, ended.output).toMatchObject({ code: 0 })
    }
    return join(folder, 'config.yml')
  }

  step(chapter, 'open point 1: the agent in a container of its own', needs, async next => {
    await using round = await newDesk({ jobs: [...jobs(1, dirty, thief), ...jobs(1, clean)] }, env)
    const configYml = await settled(round, next)
    expect(statSync(configYml).mode & 0o777).toBe(0o600)
    expect(parse(readFileSync(configYml, 'utf8'))).toMatchObject({
      token: round.hub.token,
      'disconnect-after-job': true,
    })
    const asImage = { words: { ...pageImage, ' >': ` ${inImage} --config-yml ${configYml} >` } }
    expect(await next(round.home, asImage)).toMatchObject({ code: 0 })
    expect(await next(round.home, asImage)).toMatchObject({ code: 0 })
    const unit = readFileSync(join(round.home.folder, 'semaphore-agent@.service'), 'utf8')

    await respawn(round, unit)
    await respawn(round, unit)
    expect(results(round)).toEqual(['passed 1', 'passed 1'])
    expect(new Set(round.hub.jobs().map(({ agent }) => agent)).size).toBe(2)
    const log = round.hub.log(round.hub.jobs()[0]?.id ?? '')
    expect(log).toContain('Permission denied')
    expect(log).not.toContain(round.hub.token)
    const { services } = parse(readFileSync(join(round.home.folder, 'compose.yaml'), 'utf8'))
    expect(services.agent).toMatchObject({ restart: 'always', read_only: true, image })
  })

  step(chapter, 'open point 2: the states of a respawned agent', needs, async next => {
    await using round = await newDesk({ jobs: jobs(1, 'true') }, env)
    const configYml = join(round.home.folder, 'config.yml')
    await sh(
      round.home,
      `agentctl agent config --provider local | sed "s/env:SEMAPHORE_AGENT_TOKEN/$SEMAPHORE_AGENT_TOKEN/" >${configYml}`,
    )
    const unit = await next(round.home, { words: pageImage, more: `${inImage} --config-yml ${configYml}` })
    expect(unit.stdout).toMatch(/^Restart=always$/m)

    await respawn(round, unit.stdout)
    const seen = eventsOf(round, round.hub.jobs()[0]?.agent ?? '').flatMap(event => names[event] ?? [])
    const ps = await sh(round.home, 'docker ps --all --quiet --filter name=semaphore-agent-1')
    expect(ps.stdout).toBe('')
    const way = ['Starting', ...seen, 'Gone', 'Restarting', 'Starting']
    expect(way).toHaveLength(7)
    expect(missingEdges('A container for each job', way)).toEqual([])
  })

  step(chapter, 'agent outside container', needs, async next => {
    const inContainer = `docker run --rm --network none ${image} bash -c 'echo dirt >/tmp/dirt'`
    await using round = await newDesk({ jobs: jobs(1, inContainer, 'test ! -e /tmp/dirt') }, env)
    const ended = await next(round.home, { words: { '/var/run/docker.sock': engine.socket } })
    expect(ended, ended.output).toMatchObject({ code: 0 })
    await until('the job is over', () => results(round)[0] !== 'null 1')
    expect(results(round), round.hub.log(round.hub.jobs()[0]?.id ?? '')).toEqual(['passed 1'])
  })
}
