import { expect } from 'vitest'
import { userSettings, variableOf } from '../../src/agent/index.ts'
import { jobs } from '../support/round.ts'
import { newDesk, results, writeYaml } from './rounds.ts'
import { step } from './table.ts'

/** A job that passes where its variable says that. */
const stage = (value: string) => jobs(1, `[ "$STAGE" = ${value} ]`)

const inFile = (agent: object) => ({ pools: { here: { provider: 'local', agent } } })

/** A value of each setting for the file, the variable and the flag, in their own forms. */
function valuesOf({ key, type }: (typeof userSettings)[number]) {
  if (key === 'upload-job-logs') return { file: 'never', variable: 'always', flag: 'when-trimmed' }
  const forms = {
    string: { file: '/file', variable: '/variable', flag: '/flag' },
    boolean: { file: true, variable: 'false', flag: '' },
    seconds: { file: 1, variable: '2', flag: '3' },
    list: { file: ['A=file'], variable: 'A=variable B=variable', flag: 'A=flag,B=flag' },
  }
  const paths = { file: ['/a:/file'], variable: '/a:/variable', flag: '/a:/flag' }
  return key === 'files' ? paths : forms[type]
}

export function overview(): void {
  const chapter = 'Overview'

  step(chapter, 'command-line arguments', {}, async next => {
    await using round = await newDesk({ jobs: stage('flag') })
    delete round.home.env.SEMAPHORE_AGENT_ENDPOINT
    const words = { 'acme.semaphoreci.com': round.hub.endpoint }
    expect(await next(round.home, { words })).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1'])
  })

  step(chapter, 'environment variables', {}, async next => {
    await using round = await newDesk({ jobs: stage('variable') })
    expect(await next(round.home)).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1'])
  })

  step(chapter, 'configuration file', {}, async next => {
    await using round = await newDesk({ jobs: stage('file') })
    writeYaml(round, 'agents.yml', inFile({ 'env-vars': ['STAGE=file'] }))
    expect(await next(round.home)).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1'])
  })

  step(chapter, 'order of precedence', {}, async next => {
    await using round = await newDesk({ jobs: stage('flag') })
    const values = userSettings.map(row => ({ ...row, ...valuesOf(row) }))
    writeYaml(round, 'agents.yml', inFile({ 'env-vars': ['STAGE=file'] }))
    expect(await next(round.home)).toMatchObject({ code: 0 })
    expect(results(round)).toEqual(['passed 1'])

    // Each third of the agent's settings has its last word in another place.
    writeYaml(round, 'agents.yml', inFile(Object.fromEntries(values.map(({ key, file }) => [key, file]))))
    const within = (part: number) => values.filter((_, index) => index % 3 >= part)
    const env = Object.fromEntries(within(1).map(({ key, variable }) => [variableOf(key), variable]))
    const flags = within(2).map(({ key, flag }) => `--${key}${flag === '' ? '' : `=${flag}`}`)
    const shown = await next(round.home, { env, more: `${flags.join(' ')} --json` })
    const said = new Map(
      (JSON.parse(shown.stdout).explained as { key: string; source: string }[]).map(row => [
        row.key,
        row.source,
      ]),
    )
    const wanted = values.map(({ key }, index) => [key, ['file', 'variable', 'flag'][index % 3]])
    expect(values.map(({ key }) => [key, said.get(`pools.here.agent.${key}`)])).toEqual(wanted)
    expect(wanted.length).toBeGreaterThan(15)
  })
}
