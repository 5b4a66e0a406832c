import { expect } from 'vitest'
import { jobs } from '../support/round.ts'
import { newDesk } from './rounds.ts'
import { step } from './table.ts'

const env = { AGENTCTL_PROVIDER: 'local' }

export function seeAlso(): void {
  step('See also', 'install', {}, async next => {
    await using round = await newDesk({}, env)
    const { stdout } = await next(round.home, { more: '--provider local' })
    expect(stdout).toMatch(/^ExecStart=.*capacity run/m)
    expect(stdout).toMatch(/^\[Timer\]$/m)
  })

  step('See also', 'autoscaling', {}, async next => {
    await using round = await newDesk({ jobs: jobs(2, 'true') })
    const { stdout } = await next(round.home, { more: '--provider local --json' })
    expect(JSON.stringify(JSON.parse(stdout))).toContain('launch')
    expect(round.hub.agents()).toEqual([])
  })

  step('See also', 'configuration reference', {}, async next => {
    await using round = await newDesk()
    const { stdout } = await next(round.home)
    expect(JSON.parse(stdout)).toMatchObject({ title: 'agentctl.yml', type: 'object' })
  })
}
