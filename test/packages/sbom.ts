// What each package is made of by the lock file, in build/sbom: `npm run sbom [FOLDER]`. A list of materials in CycloneDX,
// by `npm sbom`, and one of licences. Asks no registry.
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { licenceOf } from './licences.ts'
import { broughtAlong, type Lock } from './lock-tree.ts'

const exec = promisify(execFile)
const top = fileURLToPath(new URL('../..', import.meta.url))
const out = resolve(process.argv[2] ?? join(top, 'build/sbom'))
const lock: Lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')).packages

/** A project of that package alone, in whose lock file is what it brings along and nothing else. */
function writeProject(folder: string, root: string, places: readonly string[]): void {
  const {
    name,
    version,
    license,
    dependencies = {},
  } = JSON.parse(readFileSync(join(top, root, 'package.json'), 'utf8'))
  const links = Object.entries(lock).filter(
    ([, { link, resolved = '' }]) => link && places.includes(resolved),
  )
  const packages = {
    '': {
      name,
      version,
      license,
      dependencies,
      workspaces: places.filter(place => place.startsWith('plugins/')),
    },
    ...Object.fromEntries(places.map(place => [place, { ...lock[place], devDependencies: undefined }])),
    ...Object.fromEntries(links),
  }
  const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content))
  write('package.json', packages[''])
  write('package-lock.json', { name, version, lockfileVersion: 3, requires: true, packages })
}

async function writeLists(root: string): Promise<void> {
  const { name } = JSON.parse(readFileSync(join(top, root, 'package.json'), 'utf8'))
  const places = broughtAlong(lock, root)
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-sbom-'))
  try {
    writeProject(folder, root, places)
    const flags = [
      '--package-lock-only',
      '--omit',
      'dev',
      '--sbom-format',
      'cyclonedx',
      '--loglevel',
      'error',
    ]
    const { stdout } = await exec('npm', ['sbom', ...flags], { cwd: folder, maxBuffer: 1e9 })
    // npm calls the project by its folder.
    const list = stdout.replaceAll(basename(folder), name)
    const { components } = JSON.parse(list)
    writeFileSync(join(out, `${basename(name)}.cdx.json`), list)
    const lines = places
      .filter(place => place.startsWith('node_modules/'))
      .map(
        place =>
          `${place.replace(/^.*node_modules\//, '')} ${lock[place]?.version} ${licenceOf(lock, place)}`,
      )
    writeFileSync(join(out, `${basename(name)}.licences.txt`), `${[...new Set(lines)].sort().join('\n')}\n`)
    process.stdout.write(`${name}: ${components.length} components\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

mkdirSync(out, { recursive: true })
for (const root of ['', ...globSync('plugins/*', { cwd: top }).sort()]) await writeLists(root)
