import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { contractError } from '@agentctl/contract'
import { listenForStop, type StopSignal } from './signals.ts'

/** How a run of npm ended; `stdout` is JSON also when it failed. */
export interface NpmEnded {
  readonly isDone: boolean
  readonly stdout: string
  readonly stderr: string
}

/** A signal that asks us to end also ends npm. @throws `cancelled` then */
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
  return async (folder, args) => {
    let stopped: StopSignal | undefined
    const ended = await new Promise<NpmEnded>(resolve => {
      const listening = listenForStop(signal => {
        stopped = signal
        child.kill()
      })
      const child = execFile(
        process.execPath,
        [program, ...args, ...quietly],
        { cwd: folder, env, maxBuffer: outputBytesMax },
        (error, stdout, stderr) => {
          listening[Symbol.dispose]()
          resolve({ isDone: error === null, stdout, stderr })
        },
      )
    })
    if (stopped) {
      throw contractError('cancelled', 'Stopped', { hint: 'Nothing was changed.', cause: stopped })
    }
    return ended
  }
}
