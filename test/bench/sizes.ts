import { execFile } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { budgets } from '../packages/budgets.ts'
import { npmPack, type Packed, packAll } from '../packages/packed.ts'
import type { Row } from './row.ts'

const exec = promisify(execFile)

/** Brought by `plugins install`; nothing of agentctl loads it before. */
const npmOfPlugins = /^node_modules\/npm\//

/** What each package takes: its tarball, and an empty folder that it is installed into from the tarballs here. */
export async function sizeRows(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-sizes-'))
  try {
    const packed = await packAll(join(folder, 'packages'))
    const tarballs = await tarballsOf(packed, folder)
    const rows: Row[] = []
    for (const one of packed) rows.push(...(await rowsOf(one, packed, tarballs, folder)))
    return rows
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function tarballsOf(packed: readonly Packed[], folder: string): Promise<ReadonlyMap<string, string>> {
  const at = packed.map(one => one.folder)
  const made = await npmPack(at, ['--pack-destination', folder], folder)
  return new Map(
    made.map(({ name, filename }) => [name, join(folder, filename.replace('/', '-').replace('@', ''))]),
  )
}

async function rowsOf(
  { name, size }: Packed,
  packed: readonly Packed[],
  tarballs: ReadonlyMap<string, string>,
  folder: string,
): Promise<readonly Row[]> {
  const at = join(folder, 'installed', name)
  const own = neededBy(name, packed)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'package.json'), '{}')
  const specs = own.flatMap(one => tarballs.get(one) ?? [])
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error']
  await exec('npm', ['install', ...quiet, ...specs], { cwd: at, maxBuffer: 1e8 })
  const { installedMb = 0, packedKb = 0 } = budgets[name] ?? {}
  const plain = readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter(file => file.startsWith('node_modules/'))
    .map(file => ({ file, stat: lstatSync(join(at, file)) }))
    .filter(({ stat }) => stat.isFile())
  const core = plain.filter(({ file }) => !npmOfPlugins.test(file))
  const mb = (of: typeof plain) => of.reduce((sum, { stat }) => sum + stat.size, 0) / 1e6
  const blocksMb = core.reduce((sum, { stat }) => sum + stat.blocks * 512, 0) / 1e6
  const row = (what: string, figure: number, unit: string, atMost?: number): Row => ({
    ...{ benchmark: 'size', what: `\`${name}\`, ${what}`, figure, unit },
    ...(atMost !== undefined && { atMost }),
  })
  const hasNpm = core.length < plain.length
  return [
    row('its tarball', Math.round(size / 1000), 'kB', packedKb),
    row(hasNpm ? 'installed, without the npm of `plugins`' : 'installed', mb(core), 'MB', installedMb),
    row(hasNpm ? 'files installed, without that' : 'files installed', core.length, 'files'),
    ...(hasNpm
      ? [
          row('the same, in blocks of the disk', blocksMb, 'MB'),
          row('installed, with that npm', mb(plain), 'MB'),
        ]
      : []),
  ]
}

/** The package and those of this checkout that it depends on, at any depth. */
function neededBy(name: string, packed: readonly Packed[]): readonly string[] {
  const own = (of: string) =>
    Object.keys(packed.find(one => one.name === of)?.manifest.dependencies ?? {}).filter(dependency =>
      packed.some(one => one.name === dependency),
    )
  const needed = new Set([name])
  for (const one of needed) for (const dependency of own(one)) needed.add(dependency)
  return [...needed]
}
