import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const sources = globSync('{src,plugins/*/src}/**/*.ts', { cwd: root }).sort()
const own = sources.filter(file => file.startsWith('src/'))

function importsOf(file: string): readonly string[] {
  const statements = /^(?:import|export)\b[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  return [...read(file).matchAll(statements)].map(match => match[1] ?? match[2] ?? match[3] ?? '')
}

/** Files and what is wrong in them; nothing for a file that is right. */
function wrongs(files: readonly string[], wrongIn: (file: string) => readonly string[]): readonly string[] {
  return files.flatMap(file => wrongIn(file).map(wrong => `${file}: ${wrong}`))
}

/** The room of `src` that a file is in, or that an import of it leads to. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? ''
}

function roomsUsedBy(file: string): readonly string[] {
  return importsOf(file)
    .filter(name => name.startsWith('.'))
    .map(name => relative(root, resolve(root, dirname(file), name)))
    .map(roomOf)
}

const leaves = ['effects', 'errors']
const inward = [
  'fleet',
  'history',
  'journal',
  'demand',
  'presence',
  'bootstrap',
  'agent',
  'providers',
  'config',
]
/** Which rooms each room may use, besides itself and the leaves. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  commands: ['cli', 'operations', 'views', 'errors', 'config', 'agent'],
  cli: ['operations', 'views', 'config', 'agent', 'fleet'],
  views: ['operations', 'fleet', 'history', 'config'],
  operations: ['engine', 'coordination', ...inward],
  coordination: ['fleet', 'journal', 'config'],
  engine: inward,
  fleet: [],
  journal: ['fleet'],
  demand: ['fleet'],
  presence: ['fleet', 'demand'],
  history: ['fleet'],
  bootstrap: ['agent'],
  agent: [],
  config: ['agent', 'fleet'],
  providers: [],
  hooks: ['providers'],
  effects: [],
  errors: [],
}

describe('rooms', () => {
  it('are used only as they may', () => {
    const forbidden = (file: string) => {
      const allowed = [roomOf(file), ...leaves, ...(rooms[roomOf(file)] ?? [])]
      return roomsUsedBy(file).filter(room => !allowed.includes(room))
    }
    expect(wrongs(own, forbidden)).toEqual([])
  })

  it('src names no plugin', () => {
    const named = own.filter(file =>
      importsOf(file).some(name => /^@agentctl\/(provider|plugin)-/.test(name)),
    )
    expect(named).toEqual([])
  })

  it('plugins use the contract, small libraries and their SDK, never src', () => {
    const strangers = sources
      .filter(file => file.startsWith('plugins/'))
      .filter(file =>
        importsOf(file).some(name => name.startsWith('../../../') && !name.includes('plugins/')),
      )
      .filter(file =>
        importsOf(file).some(name => relative(root, resolve(root, dirname(file), name)).startsWith('src/')),
      )
    expect(strangers).toEqual([])
  })

  it('only admission imports p-queue', () => {
    expect(own.filter(file => importsOf(file).includes('p-queue'))).toEqual(['src/engine/admission.ts'])
  })
})

describe('purity', () => {
  const pure = own.filter(file => ['fleet', 'history', 'bootstrap', 'agent'].includes(roomOf(file)))

  it('fleet, history, bootstrap and agent do no input or output', () => {
    const allowed = /^(node:(crypto|buffer|zlib)|@agentctl\/contract|zod|yaml|\.)/
    expect(wrongs(pure, file => importsOf(file).filter(name => !allowed.test(name)))).toEqual([])
  })

  const banned = /\b(Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|randomUUID)\b/g
  const exempt =
    /^src\/effects\/|^plugins\/(local|docker|qemu)\/src\/(guest\/|effects)|^plugins\/devkit\/|^plugins\/sim\/src\/effects/

  it('time and chance come from outside', () => {
    const files = sources.filter(file => !exempt.test(file))
    expect(wrongs(files, file => withoutComments(read(file)).match(banned) ?? [])).toEqual([])
  })

  it('only effects, the command line and hooks touch the process', () => {
    const files = own.filter(file => !/^src\/(effects|cli|hooks)\//.test(file))
    const used = /(?<![\w.'/-])process\.(?!ts\b)\w+/g
    expect(wrongs(files, file => withoutComments(read(file)).match(used) ?? [])).toEqual([])
  })
})

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '')
}

describe('sizes', () => {
  const lines = (file: string) => read(file).split('\n').length - 1

  it('no file is over 300 lines', () => {
    expect(sources.filter(file => lines(file) > 300)).toEqual([])
  })

  it('half of all files are under 100 lines', () => {
    const sorted = sources.map(lines).sort((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100)
  })

  it('commands are at most 80 lines', () => {
    const commands = globSync('{src,plugins/*/src}/commands/**/*.ts', { cwd: root })
    expect(commands.filter(file => lines(file) > 80)).toEqual([])
  })
})

describe('plugins', () => {
  const plugins = globSync('plugins/*/package.json', { cwd: root }).map(file => ({
    folder: dirname(file),
    json: JSON.parse(read(file)),
  }))
  /** Of each kind of plugin, what its README has to have. */
  const headings = {
    provider: ['What it creates', 'Rights', 'Spec', 'Capabilities', 'States', 'Limits', 'Live test'],
    coordinator: ['What it stores', 'Rights', 'Set-up', 'Sizes', 'Failures', 'Upgrades', 'Tests'],
  }

  const ofKind = (kind: keyof typeof headings) => plugins.filter(({ json }) => json.agentctl?.[kind])

  it.each([
    ...ofKind('provider').map(plugin => ({ ...plugin, kind: 'provider' as const })),
    ...ofKind('coordinator').map(plugin => ({ ...plugin, kind: 'coordinator' as const })),
  ])('$folder has metadata, a README with its headings and a conformance test', ({ folder, json, kind }) => {
    expect(json.agentctl).toMatchObject({ contract: 1, entry: './dist/index.js' })
    expect(json.oclif).toBeDefined()
    const readme = read(`${folder}/README.md`)
    expect(headings[kind].filter(heading => !new RegExp(`^## ${heading}`, 'm').test(readme))).toEqual([])
    expect(globSync(`test/conformance/${json.agentctl[kind]}.test.ts`, { cwd: root })).toHaveLength(1)
  })

  it.each(ofKind('coordinator'))('$folder names the schemes of its addresses', ({ json }) => {
    expect(json.agentctl.schemes).toEqual(
      expect.arrayContaining([expect.stringMatching(/^[a-z][a-z0-9+.-]*$/)]),
    )
  })

  it.each(ofKind('coordinator'))(
    '$folder loads each database library lazily, in one file',
    ({ folder, json }) => {
      const libraries = Object.keys(json.dependencies).filter(name => !name.startsWith('@agentctl/'))
      const loads = (library: string) => (file: string) =>
        new RegExp(`(?<!typeof )import\\('${library}'\\)`).test(read(file))
      const files = sources.filter(file => file.startsWith(`${folder}/src/`))
      const valued = (file: string) =>
        [...read(file).matchAll(/^import (?!type)[^'"]*from '([^']+)'/gm)].filter(([, name]) =>
          libraries.includes(name ?? ''),
        )
      expect(wrongs(files, file => valued(file).map(([line]) => line))).toEqual([])
      for (const library of libraries) expect(files.filter(loads(library))).toHaveLength(1)
    },
  )
})
