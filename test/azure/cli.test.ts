import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newArmRound } from '../clouds/arm/round.ts'
import { run } from '../support/cli.ts'

describe('the command line with azure', { timeout: 120_000 }, () => {
  it('takes the token from Key Vault, and says what is wrong before anything is made', async () => {
    await using round = await newArmRound({ hub: {}, spec: { sizes: ['Standard_E2s_v5'] } })
    const { home, arm, hub } = round
    arm.cloud.secrets.set('agent-token', hub.token)
    const config = JSON.parse(readFileSync(join(home.folder, 'agentctl.yml'), 'utf8'))
    config['agent-types'][hub.agentType].token = `azure-keyvault:${arm.base}/secrets/agent-token`
    writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))

    const ended = await run(home, 'doctor', '--json')

    const { checks } = JSON.parse(ended.stdout)
    expect(checks).toContainEqual(
      expect.objectContaining({ subject: `token of ${hub.agentType}`, level: 'ok' }),
    )
    expect(checks).toContainEqual(
      expect.objectContaining({
        subject: 'sizes',
        level: 'problem',
        message: expect.stringContaining('Standard_E2s_v5 is not for this subscription'),
      }),
    )
    expect(ended.stdout).not.toContain(hub.token)
    expect(arm.left()).toEqual([])
  })

  it('has no cache, and says what works', async () => {
    await using round = await newArmRound({ hub: {} })
    const ended = await run(round.home, 'cache', 'create', '--provider', 'azure', '--bucket', 'acme-cache')
    expect(ended.code).toBe(2)
    expect(ended.stderr).toMatch(/azure has no store that Semaphore's cache tool can use/)
    expect(ended.stderr).toMatch(/S3.*SFTP/)
  })

  it('prints roles that Azure takes: none is assignable on less than a group', async () => {
    await using round = await newArmRound({ hub: {} })
    const ended = await run(round.home, 'providers', 'policy', 'azure')
    const roles: { AssignableScopes: string[]; Actions: string[] }[] = JSON.parse(ended.stdout)
    expect(roles.map(({ Actions }) => Actions.length)).toEqual([16, 5, 2])
    for (const scope of roles.flatMap(({ AssignableScopes }) => AssignableScopes)) {
      expect(scope).toMatch(/^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?$/)
    }
    expect(ended.stderr).toContain('virtualNetworks/ci/subnets/agents')
  })

  it('says that a machine that is off costs until somebody looks', async () => {
    await using round = await newArmRound({ hub: {} })
    const ended = await run(round.home, 'providers', 'show', 'azure')
    expect(ended.stdout).toMatch(/poweroff +stops-and-bills/)
    expect(ended.stdout).toMatch(/worstOrphanMs +no limit: until the next tick or reap/)
  })
})
