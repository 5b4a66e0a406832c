#!/usr/bin/env node
// Writes each package as it is published to FOLDER/<name>, build/npm unless given: what `files` names and sources
// stand behind, with nothing in package.json that only a checkout needs. Publish with `npm publish ./build/npm/<name>`.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = fileURLToPath(new URL('..', import.meta.url))
const out = resolve(process.argv[2] ?? join(top, 'build/npm'))
const published =
  `name version description license type bin engines files exports dependencies peerDependencies
  peerDependenciesMeta agentctl oclif`.split(/\s+/)

function manifestOf(root) {
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (whole.oclif) delete whole.oclif.devPlugins
  return Object.fromEntries(published.filter(key => key in whole).map(key => [key, whole[key]]))
}

/** The compiler never deletes: what has no source any more stays in `dist`, and is left out. */
function hasSource(root, file) {
  const [, stem] = /^dist\/(.+?)(?:\.d)?\.[jt]s$/.exec(file) ?? []
  const sources = root === top ? 'src' : join(root, 'src')
  return stem === undefined || existsSync(resolve(top, sources, `${stem}.ts`))
}

function pack(root) {
  const manifest = manifestOf(root)
  const target = join(out, basename(manifest.name))
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const file of globSync(manifest.files, { cwd: root }).filter(one => hasSource(root, one))) {
    mkdirSync(dirname(join(target, file)), { recursive: true })
    // Source maps stay at home.
    if (!file.startsWith('dist/')) cpSync(join(root, file), join(target, file))
    else
      writeFileSync(
        join(target, file),
        readFileSync(join(root, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'),
      )
  }
  for (const file of ['README.md', 'CHANGELOG.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file))
  }
  cpSync(join(top, 'LICENSE'), join(target, 'LICENSE'))
  return target
}

for (const file of ['package.json', ...globSync('plugins/*/package.json', { cwd: top }).sort()]) {
  process.stdout.write(`${pack(dirname(join(top, file)))}\n`)
}
