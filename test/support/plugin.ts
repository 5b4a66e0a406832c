import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PluginText {
  readonly name: string
  readonly version: string
  readonly provider?: string
  readonly contract?: number
  /** Of the module that agentctl imports; a provider that does nothing unless given. */
  readonly entry?: string
  /** Replaces what its package.json holds. */
  readonly packageJson?: Readonly<Record<string, unknown>>
}

/** Writes a plugin as small as one can be, with nothing to fetch. */
export function writePlugin(folder: string, text: PluginText): string {
  const { name, version, provider, contract = 1, packageJson } = text
  const metadata = provider === undefined ? {} : { agentctl: { contract, provider, entry: './index.js' } }
  const json = {
    name,
    version,
    type: 'module',
    exports: './index.js',
    oclif: {},
    ...metadata,
    ...packageJson,
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(json))
  writeFileSync(join(folder, 'index.js'), text.entry ?? entryOf(provider, contract))
  return folder
}

const entryOf = (provider: string | undefined, contract: number) =>
  `export default { contract: ${contract}, name: ${JSON.stringify(provider)}, open: async () => { throw new Error('shut') } }\n`

/** A tarball of it, as a registry would hold it. */
export function packPlugin(folder: string, text: PluginText): string {
  const file = `${folder}-${text.version}.tgz`
  writePlugin(join(folder, 'package'), text)
  execFileSync('tar', ['-czf', file, '-C', folder, 'package'])
  return file
}

/** A commit of it in a repository that is made when there is none, under a tag named after its version. */
export function commitPlugin(repository: string, text: PluginText): void {
  const work = `${repository}-work`
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', work, ...args], { stdio: 'pipe' })
  writePlugin(work, text)
  if (!existsSync(join(work, '.git'))) execFileSync('git', ['init', '-q', '-b', 'main', work])
  git('add', '.')
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qm', text.version)
  git('tag', `v${text.version}`)
  if (!existsSync(repository)) execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository])
  git('push', '-q', repository, 'main', '--tags')
}
