import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Command lines that people know, to be compared with; each permissive, and fetched when they are wanted. */
const wanted = {
  prettier: { version: '3.10.1', bin: 'bin/prettier.cjs' },
  eslint: { version: '10.15.0', bin: 'bin/eslint.js' },
  'aws-cdk': { version: '2.1148.1', bin: 'bin/cdk' },
} as const

export interface Peer {
  readonly name: string
  readonly version: string
  readonly script: string
}

/** Installs them into `folder`, with no install script run. @throws where the registry cannot be asked */
export async function fetchPeers(folder: string): Promise<readonly Peer[]> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const specs = Object.entries(wanted).map(([name, { version }]) => `${name}@${version}`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await promisify(execFile)('npm', ['install', ...flags, ...specs], { cwd: folder })
  return Object.entries(wanted).map(([name, { version, bin }]) => ({
    name,
    version,
    script: join(folder, 'node_modules', name, bin),
  }))
}
