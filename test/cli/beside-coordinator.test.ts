import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Home, newHome, run } from '../support/cli.ts'

const config = `
endpoint: 127.0.0.1:9
coordinator: postgres://agentctl@127.0.0.1:9/agentctl
pools:
  here: { provider: local }
`

describe('beside a coordinator', () => {
  let home: Home
  beforeEach(() => {
    home = newHome({ SEMAPHORE_AGENT_TOKEN: 'registration-token-0123456789' })
    writeFileSync(join(home.folder, 'agentctl.yml'), config)
  })
  afterEach(() => home[Symbol.dispose]())

  it.each([
    ['provision', ['provision']],
    ['capacity run', ['capacity', 'run']],
    ['capacity run', ['capacity', 'install', '--cron']],
    ['capacity run', ['capacity', 'install', '--systemd']],
  ])('%s is refused, with what to do: %j', async (command, args) => {
    const { code, stderr } = await run(home, ...args)
    expect(code, stderr).toBe(2)
    expect(stderr).toContain(`${command} would be one more controller beside its hosts`)
    expect(stderr).toContain('agentctl capacity serve')
  })

  it('an address with its password is refused where others could read it, and not repeated', async () => {
    const address = 'postgres://me:hush-hush@127.0.0.1/ci'
    const { code, stderr, stdout } = await run(home, 'config', 'show', '--coordinator', address)
    expect(code).toBe(2)
    expect(stderr).toContain('env:AGENTCTL_COORDINATOR_URL')
    expect(stdout + stderr).not.toContain('hush')
  })

  it('the environment may hold it', async () => {
    home.env.AGENTCTL_COORDINATOR = 'postgres://me:hush-hush@127.0.0.1/ci'
    const { code, stdout } = await run(home, 'config', 'show', '--explain')
    expect(code).toBe(0)
    expect(stdout).toMatch(/coordinator +"env:AGENTCTL_COORDINATOR" +variable +AGENTCTL_COORDINATOR/)
    expect(stdout).not.toContain('hush')
  })
})
