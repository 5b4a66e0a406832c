import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** How a run of npm ended; `stdout` is JSON also when it failed. */
export interface NpmEnded {
  readonly isDone: boolean
  readonly stdout: string
  readonly stderr: string
}

export type Npm = (folder: string, args: readonly string[]) => Promise<NpmEnded>

/** What npm says of many versions of one package. Unit: bytes. */
const outputBytesMax = 64 << 20

const quietly = ['--json', '--loglevel=error', '--no-audit', '--no-fund', '--logs-max=0']

/**
 * The npm that comes with oclif's plugin-plugins, on this Node, so that none has to be installed. Its settings are the
 * user's (`~/.npmrc`, `npm_config_*`); `registry` goes by the environment, since it may hold credentials.
 */
export function openNpm(registry: string | undefined): Npm {
  const plugins = createRequire(import.meta.url).resolve('@oclif/plugin-plugins')
  const program = join(dirname(createRequire(plugins).resolve('npm/package.json')), 'bin/npm-cli.js')
  const env = {
    ...process.env,
    npm_config_update_notifier: 'false',
    ...(registry && { npm_config_registry: registry }),
  }
  return (folder, args) =>
    new Promise(resolve => {
      execFile(
        process.execPath,
        [program, ...args, ...quietly],
        { cwd: folder, env, maxBuffer: outputBytesMax },
        (error, stdout, stderr) => resolve({ isDone: error === null, stdout, stderr }),
      )
    })
}
