import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSettings } from '../../../src/config/index.ts'

const text = (owner: string) =>
  `owner: ${owner}\nendpoint: h\npools: { a: { provider: sim, spec: { n: [1, 2] } } }\n`

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agentctl-config-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, owner: string): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text(owner))
  return file
}

const load = (more: Partial<Parameters<typeof loadSettings>[0]> = {}) =>
  loadSettings({ flags: {}, env: {}, cwd: join(root, 'work'), homeDir: join(root, 'home'), ...more })

describe('the file', () => {
  it('is that of the working directory before that of the user', async () => {
    write('home/.config/agentctl/agentctl.yml', 'users')
    expect((await load()).settings.owner).toBe('users')

    write('work/agentctl.yml', 'here')
    expect(await load()).toMatchObject({ file: 'agentctl.yml', settings: { owner: 'here' } })
  })

  it('is looked for in XDG_CONFIG_HOME, unless that is relative', async () => {
    write('home/.config/agentctl/agentctl.yml', 'users')
    write('xdg/agentctl/agentctl.yml', 'xdg')
    write('work/rel/agentctl/agentctl.yml', 'relative')

    expect((await load({ env: { XDG_CONFIG_HOME: join(root, 'xdg') } })).settings.owner).toBe('xdg')
    expect((await load({ env: { XDG_CONFIG_HOME: 'rel' } })).settings.owner).toBe('users')
  })

  it('is the one that is named, by flag before variable', async () => {
    write('work/agentctl.yml', 'here')
    write('work/one.yml', 'one')
    const two = write('two.yml', 'two')

    expect((await load({ flags: { config: 'one.yml' }, env: { AGENTCTL_CONFIG: two } })).file).toBe('one.yml')
    expect((await load({ env: { AGENTCTL_CONFIG: two } })).settings.owner).toBe('two')
    expect((await load({ configFile: 'one.yml', flags: { config: two } })).settings.owner).toBe('one')
  })

  it('must be there when it is named, and must be a file', async () => {
    mkdirSync(join(root, 'work/folder'), { recursive: true })
    await expect(load({ flags: { config: 'none.yml' } })).rejects.toMatchObject({ code: 'invalid-spec' })
    await expect(load({ flags: { config: 'folder' } })).rejects.toThrow(/cannot be read: EISDIR/)
  })

  it('lets a problem of the spec find its place', async () => {
    write('work/agentctl.yml', 'here')
    const { locate } = await load({ flags: { set: ['image=x'] } })

    expect(locate('pools.a.spec.n[1]')).toEqual({ where: 'agentctl.yml', line: 3, column: 45 })
    expect(locate('pools.a.spec.image')).toEqual({ where: '--set' })
    expect(locate('pools.a.spec.absent')).toEqual({ where: 'agentctl.yml', line: 3, column: 30 })
  })
})

describe('the endpoint', () => {
  it('is asked for only by commands that need it', async () => {
    const flags = { provider: 'local' }
    await expect(load({ flags })).rejects.toMatchObject({ code: 'invalid-spec' })
    expect((await load({ flags, needsEndpoint: false })).settings.endpoint).toBe('')
  })
})
