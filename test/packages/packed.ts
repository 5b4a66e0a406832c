import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const packScript = fileURLToPath(new URL('../../bin/pack.js', import.meta.url))

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, { readonly types?: string; readonly default: string }>>
  readonly [key: string]: unknown
}

/** A package as npm would send it. */
export interface Packed {
  readonly name: string
  readonly folder: string
  readonly manifest: Manifest
  readonly files: readonly string[]
  /** Of the tarball. Unit: bytes. */
  readonly size: number
}

interface NpmPack {
  readonly name: string
  readonly size: number
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** Every package of the checkout in `folder`, and what npm would put into its tarball. */
export async function packAll(folder: string): Promise<readonly Packed[]> {
  await exec(process.execPath, [packScript, folder])
  const folders = globSync('*/package.json', { cwd: folder })
    .sort()
    .map(file => join(folder, file, '..'))
  const described = await npmPack(folders, ['--dry-run'], folder)
  return folders.map(at => {
    const manifest: Manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
    const found = described.find(({ name }) => name === manifest.name)
    if (!found) throw new Error(`npm pack says nothing of ${manifest.name}`)
    const files = found.files.map(({ path }) => path)
    return { name: manifest.name, folder: at, manifest, files, size: found.size }
  })
}

/** What `npm pack` answers; newer ones answer an object by name. */
export async function npmPack(
  folders: readonly string[],
  flags: readonly string[],
  cwd: string,
): Promise<readonly NpmPack[]> {
  const { stdout } = await exec('npm', ['pack', '--json', ...flags, ...folders], { cwd, maxBuffer: 1e8 })
  return Object.values(JSON.parse(stdout))
}
