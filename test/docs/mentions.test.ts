import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from './blocks.ts'
import { top } from './pages.ts'

interface Manifest {
  readonly commands: Readonly<Record<string, { readonly flags: Readonly<Record<string, unknown>> }>>
}

const read = (file: string) => readFileSync(join(top, file), 'utf8')
const manifests = ['oclif.manifest.json', 'plugins/devkit/oclif.manifest.json'].map(
  file => JSON.parse(read(file)) as Manifest,
)
const commands = new Map(manifests.flatMap(manifest => Object.entries(manifest.commands)))
const topics = new Set([...commands.keys()].flatMap(id => id.split(':').slice(0, -1)))

/** Those of oclif itself; and names of roles at Azure, which look like commands. */
const isElsewheres = (first: string) => ['help', 'version', 'acme-ci'].includes(first)

/** What is wrong with a command line of a page. */
function wrongIn(line: string): string | undefined {
  const [, plain = ''] = /^agentctl((?: [a-z][a-z-]*)*)/.exec(line) ?? []
  const words = plain.trim().split(' ')
  const [first = ''] = words
  if (isElsewheres(first)) return undefined
  const ids = words.map((_, at) => words.slice(0, words.length - at).join(':'))
  const id = ids.find(one => commands.has(one))
  // `agentctl instances` names a topic.
  if (id === undefined) return first === '' || topics.has(first) ? undefined : `no command: ${line}`
  const [own = ''] = line.split(/ -- | [|>;&]/)
  const known = { ...commands.get(id)?.flags, help: true }
  const unknown = [...own.matchAll(/ --([a-z][a-z0-9-]*)/g)]
    .map(([, flag = '']) => flag)
    .filter(flag => !(flag in known || flag.replace(/^no-/, '') in known))
  return unknown.length === 0 ? undefined : `no such flag: --${unknown.join(', --')} in ${line}`
}

/** Command lines in code spans and in blocks. */
function linesOf(page: string): readonly string[] {
  const spans = [...page.matchAll(/`(agentctl [^`\n]+)`/g)].map(([, line = '']) => line)
  const typed = blocksOf(page)
    .filter(({ info }) => ['sh', 'console', ''].includes(info))
    .flatMap(({ text }) => [...text.matchAll(/^(?:[A-Z_]+=\S+ )*(agentctl .+)$/gm)])
    .map(([, line = '']) => line.replace(/ +#.*$/, ''))
  return [...spans, ...typed]
}

describe('command lines', () => {
  const files = globSync(['README.md', 'docs/**/*.md', 'plugins/*/README.md'], { cwd: top }).sort()

  it.each(files)('of %s are ones that there are', file => {
    expect(linesOf(read(file)).flatMap(line => wrongIn(line) ?? [])).toEqual([])
  })

  it('are found, and wrong ones told', () => {
    expect(files.flatMap(file => linesOf(read(file))).length).toBeGreaterThan(100)
    expect(wrongIn('agentctl reap --dry')).toContain('--dry')
    expect(wrongIn('agentctl reep')).toContain('no command')
    expect(wrongIn('agentctl instances console ID')).toBeUndefined()
  })
})
