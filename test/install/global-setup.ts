import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { must } from '../machines/commands.ts'
import { startRegistry } from './registry.ts'

/** What all files of the run install from, and the command line that was installed from it. */
export interface Published {
  readonly registry: string
  /** The packages' folders, as they were published. */
  readonly packages: Readonly<Record<string, string>>
  /** npm's prefix, with `bin/agentctl` in it. */
  readonly prefix: string
  /** Variables of npm: this registry, a cache of the run, no file of a user. */
  readonly npmEnv: Readonly<Record<string, string>>
}

declare module 'vitest' {
  export interface ProvidedContext {
    published: Published
  }
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const exec = promisify(execFile)

/** Packs all packages, publishes them to a registry of the run, and installs the command line from there. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-install-'))
  const uplink = await must('npm', ['config', 'get', 'registry'])
  const registry = await startRegistry(folder, uplink)
  const stop = async () => {
    await registry[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const npmrc = join(folder, 'npmrc')
    // npm wants a token even where everybody may publish.
    writeFileSync(npmrc, `${registry.url.replace('http:', '')}:_authToken=anyone\n`)
    const npmEnv = {
      npm_config_registry: registry.url,
      npm_config_userconfig: npmrc,
      npm_config_cache: join(folder, 'cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    }
    const packages = await pack(join(folder, 'packages'))
    await inTurns(2, Object.values(packages), path => npm(['publish', path], npmEnv))
    const prefix = join(folder, 'prefix')
    mkdirSync(prefix)
    await npm(['install', '-g', '--prefix', prefix, '@agentctl/cli'], npmEnv)
    project.provide('published', { registry: registry.url, packages, prefix, npmEnv })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

async function pack(folder: string): Promise<Record<string, string>> {
  const printed = await must(process.execPath, [join(checkout, 'bin/pack.js'), folder])
  return Object.fromEntries(printed.split('\n').map(path => [path.slice(folder.length + 1), path]))
}

/** The settings of this machine and of `npm run` stay outside. */
async function npm(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { PATH = '', HOME = '' } = process.env
  await exec('npm', args, { cwd: tmpdir(), env: { PATH, HOME, ...env } })
}

async function inTurns<T>(width: number, items: readonly T[], work: (item: T) => Promise<unknown>) {
  const left = [...items]
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
}
