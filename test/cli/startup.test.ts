import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const top = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(top, 'bin/run.js')
const folder = mkdtempSync(join(tmpdir(), 'agentctl-startup-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every module that a command loads, as Node resolves it. */
function modulesOf(...args: readonly string[]): readonly string[] {
  const list = join(folder, 'modules')
  const hook = join(folder, 'hook.mjs')
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
     import { appendFileSync } from 'node:fs'
     registerHooks({ load: (url, context, next) => { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context) } })`,
  )
  writeFileSync(list, '')
  const { status } = spawnSync(process.execPath, ['--import', hook, bin, ...args], {
    env: { PATH: process.env.PATH, HOME: folder },
  })
  expect(status).toBe(0)
  return readFileSync(list, 'utf8').split('\n')
}

const heavy = /@aws-sdk|@google-cloud|@azure|dockerode|p-queue|\/zod\/|\/yaml\//

const manifest = JSON.parse(readFileSync(join(top, 'oclif.manifest.json'), 'utf8'))
const helps = Object.keys(manifest.commands).map(id => [...id.split(':'), '--help'])

it.each([['--help'], ['--version'], ['complete', '--', 'provision', '--'], ...helps])(
  '%s loads no provider, no operation and no heavy library',
  (...args) => {
    const modules = modulesOf(...args)
    expect(
      modules.filter(url => /plugins\/\w+\/dist|dist\/(operations|engine|fleet|journal)\//.test(url)),
    ).toEqual([])
    expect(modules.filter(url => heavy.test(url))).toEqual([])
  },
)

it('providers list reads metadata only', () => {
  expect(
    modulesOf('providers', 'list').filter(url => /plugins\/(local|sim|docker|qemu|devkit)\/dist/.test(url)),
  ).toEqual([])
})

it.each(['local', 'docker', 'qemu', 'aws', 'gcp', 'azure'])(
  'providers show %s loads that provider, no other, and no SDK of a cloud',
  name => {
    const modules = modulesOf('providers', 'show', name)
    const plugins = modules.flatMap(url => /plugins\/(\w+)\/dist/.exec(url)?.[1] ?? [])
    expect([...new Set(plugins)].filter(one => one !== 'contract')).toEqual([name])
    expect(
      modules.filter(url => /\/node_modules\/(@aws-sdk|@google-cloud|@azure|dockerode)\//.test(url)),
    ).toEqual([])
  },
)
