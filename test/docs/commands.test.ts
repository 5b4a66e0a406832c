import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { sharedEngine } from '../docker/engine.ts'
import { type Act, actsOf } from './blocks.ts'
import { pages } from './pages.ts'
import { firstFile, newReader, type Part } from './parts.ts'
import { typePage, unsaid } from './typed.ts'

/** Pages that need more than a hub. */
const parts: Readonly<Record<string, readonly Part[]>> = {
  'docs/moving-from-the-aws-stack.md': ['moto'],
  'docs/providers/aws.md': ['moto'],
  'docs/providers/azure.md': ['arm'],
  'docs/providers/docker.md': ['docker'],
  'docs/providers/gcp.md': ['gce'],
}

/** Pages whose commands have tests of their own, for they build on each other in ways of their own. */
const elsewhere = ['docs/cache.md', 'docs/plugins.md', 'docs/writing-a-provider.md']

const engine = await sharedEngine()
const missing = (file: string) => {
  const why = { moto: missingMoto(), docker: engine.missing, gce: undefined, arm: undefined }
  return (parts[file] ?? []).flatMap(part => why[part] ?? []).join(', ')
}
const typed = pages
  .map(({ file, path }) => ({ file, acts: actsOf(readFileSync(path, 'utf8')), why: missing(file) }))
  .filter(({ file, acts }) => acts.some(act => act.do === 'type') && !elsewhere.includes(file))

/** A page without a file of its own goes on from the first one. */
function whole(acts: readonly Act[]): readonly Act[] {
  const hasOwn = acts.some(act => act.do === 'write')
  return hasOwn ? acts : [{ do: 'write', file: 'agentctl.yml', text: firstFile }, ...acts]
}

let moto: Moto | undefined
beforeAll(async () => {
  if (missingMoto() === undefined) moto = await startMoto()
}, 90_000)
afterAll(() => moto?.[Symbol.asyncDispose]())

function typePages(chosen: typeof typed): void {
  for (const { file, acts, why } of chosen) {
    const title = `${file} does what the page says${why === '' ? '' : ` (${why})`}`
    it.skipIf(why !== '')(title, { timeout: 240_000 }, async () => {
      await using reader = await newReader(parts[file] ?? [], { moto, engine })
      const { code, typed } = await typePage(reader.home, whole(acts), reader.words)
      const last = typed.at(-1)
      expect(code, `${last?.script}\n${last?.output}`).toBe(0)
      for (const one of typed) expect(unsaid(one), one.output).toEqual([])
    })
  }
}

// Two readers at a time: one of them waits for clouds.
for (const isOfCloud of [true, false]) {
  describe.concurrent(`every command of a page${isOfCloud ? ' about a cloud' : ''}`, () => {
    const chosen = typed.filter(({ file }) => file in parts === isOfCloud)
    describe('in order', { concurrent: false }, () => typePages(chosen))
  })
}

describe('blocks', () => {
  it('that are not run are few', () => {
    const unrun = pages.flatMap(({ file, path }) =>
      [...readFileSync(path, 'utf8').matchAll(/^```console$/gm)].map(() => file),
    )
    expect(unrun.length).toBeLessThan(20)
  })

  it('are of a known kind', () => {
    const kinds = pages.flatMap(({ path }) =>
      [...readFileSync(path, 'utf8').matchAll(/^```(\S.*)$/gm)].map(([, kind]) => kind),
    )
    const known = ['sh', 'text', 'yaml', 'yaml agentctl.yml', 'mermaid', 'dockerfile', 'console']
    expect([...new Set(kinds)].filter(kind => !known.includes(kind ?? ''))).toEqual([])
  })

  it('are there', () => {
    expect(typed.length).toBeGreaterThan(10)
  })
})
