import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, it } from 'vitest'
import { budgets } from './budgets.ts'
import { packAll } from './packed.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentctl-packages-'))
afterAll(() => rmSync(folder, { recursive: true }))
const packages = await packAll(folder)

/** What may be in a tarball; everything else is of a checkout. */
const shipped =
  /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|oclif\.manifest\.json|bin\/run\.js|dist\/[\w./-]+\.(d\.ts|js))$/
const ofTemplate = /^template\/((src|test)\/[\w-]+(\.test)?\.ts|[\w./-]+\.(json|md))$/

describe('packages', () => {
  it('all are packed, each with a budget', () => {
    expect(packages.map(({ name }) => name)).toEqual(Object.keys(budgets))
  })

  it.each(packages)('$name has nothing that publint finds', async ({ folder: pkgDir, manifest }) => {
    const { messages } = await publint({ pkgDir, strict: true })
    expect(messages.map(message => formatMessage(message, manifest, { color: false }))).toEqual([])
  })

  it.each(packages)(
    '$name has its licence, its page and nothing of a checkout',
    ({ name, files, folder: at }) => {
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
      const allowed = (file: string) =>
        shipped.test(file) || (name === '@agentctl/plugin-devkit' && ofTemplate.test(file))
      expect(files.filter(file => !allowed(file))).toEqual([])
      expect(readFileSync(join(at, 'LICENSE'), 'utf8')).toMatch(/^MIT License/)
    },
  )

  it.each(packages)('$name says what it is, and has no key of a checkout', ({ manifest }) => {
    const { devDependencies, scripts, workspaces, knip, allowScripts, ...rest } = manifest
    expect({ devDependencies, scripts, workspaces, knip, allowScripts }).toEqual({})
    expect(rest).toMatchObject({ license: 'MIT', type: 'module', engines: { node: '>=22.13' } })
  })

  it.each(packages)('$name has types for all that it exports', ({ manifest, files }) => {
    const entries = Object.values(manifest.exports ?? {})
    for (const { types = '', default: code } of entries) {
      expect(files).toContain(normalize(types))
      expect(files).toContain(normalize(code))
    }
  })

  it.each(packages)('$name has each file that one of its files imports', ({ folder: at, files }) => {
    const code = files.filter(file => file.startsWith('dist/'))
    const missing = code.flatMap(file =>
      importsOf(join(at, file)).map(name => normalize(join(dirname(file), name))),
    )
    const typed = (file: string) => file.replace(/\.[jt]s$/, '.d.ts')
    expect(missing.filter(file => !files.includes(file) && !files.includes(typed(file)))).toEqual([])
  })

  it.each(packages)('$name is within its budget', ({ name, size, files }) => {
    const { packedKb = 0, files: filesMax = 0 } = budgets[name] ?? {}
    expect(size / 1000).toBeLessThanOrEqual(packedKb)
    expect(files.length).toBeLessThanOrEqual(filesMax)
  })
})

function importsOf(file: string): readonly string[] {
  const statements = /^(?:import|export)\b[^'"]*?from\s+["'](\.[^"']+)["']|\bimport\(["'](\.[^"']+)["']\)/gm
  return [...readFileSync(file, 'utf8').matchAll(statements)].map(match => match[1] ?? match[2] ?? '')
}
