import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Home } from './cli.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))

/** `agentctl` on the PATH of a home, as a person has it, and the programs of this checkout after it. */
export function putOnPath({ folder, env, bin: program }: Home): void {
  const bin = join(folder, 'bin')
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'agentctl'), script)
  chmodSync(join(bin, 'agentctl'), 0o755)
  env.PATH = `${bin}:${join(top, 'node_modules/.bin')}:${env.PATH}`
}
