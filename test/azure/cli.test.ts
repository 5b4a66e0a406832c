import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newArmRound } from '../clouds/arm/round.ts'
import { run } from '../support/cli.ts'

describe('the command line with azure', () => {
  it('loads neither the network package nor Key Vault to launch', async () => {
    await using round = await newArmRound({ hub: {} })
    const { home, arm } = round
    const list = join(home.folder, 'modules')
    const hook = join(home.folder, 'hook.mjs')
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module'
       import { appendFileSync } from 'node:fs'
       registerHooks({ load: (url, context, next) => { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context) } })`,
    )
    const hooked = { ...home, env: { ...home.env, NODE_OPTIONS: `--import ${hook}` } }

    const ended = await run(hooked, 'provision', '--count', '1', '--detach')

    expect(ended).toMatchObject({ code: 0 })
    expect(arm.calls()['PUT virtualMachines/:name']).toBe(1)
    const modules = readFileSync(list, 'utf8').split('\n')
    expect(modules.some(url => url.includes('@azure/arm-compute'))).toBe(true)
    expect(modules.filter(url => /@azure\/(arm-network|keyvault)/.test(url))).toEqual([])
  })

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
})
