import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { withParts } from '../pages/parts.ts'
import { pageOf, providers } from '../pages/providers.ts'
import { readmePage } from '../pages/readme.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const headingsOf = (page: string) => [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)

describe('the pages of providers', () => {
  it.each(providers)('%s has exactly the seven headings, in order', async name => {
    expect(headingsOf((await pageOf(name)).text)).toEqual([
      'What it creates',
      'Rights',
      'Spec',
      'Capabilities',
      'States',
      'Limits',
      'Live test',
    ])
  })

  it.each(providers)('%s says what the code says; otherwise: npm run pages', async name => {
    const { text, made } = await pageOf(name)
    expect(text).toBe(made)
  })

  it.each(providers)('%s says a meaning of each key of a spec', async name => {
    const [, table = ''] = /<!-- spec: [\s\S]*?-->([\s\S]*?)<!-- \/spec/.exec((await pageOf(name)).text) ?? []
    const rows = table.split('\n').filter(line => line.startsWith('| `'))
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(row => /\| \|$/.test(row))).toEqual([])
  })

  it('a page with a mark too many, or too few, is refused', () => {
    expect(() => withParts('<!-- spec: x -->\n<!-- /spec -->\n', {})).toThrow('no part for the marks: spec')
    expect(() => withParts('# A page\n', { spec: 'text' })).toThrow('no marks for the parts: spec')
    expect(withParts('<!-- spec: x -->\nold\n<!-- /spec -->\n', { spec: 'new' })).toBe(
      '<!-- spec: x -->\n\nnew\n\n<!-- /spec -->\n',
    )
  })
})

describe('the README', () => {
  it('shows the figures of the pages that hold them; otherwise: npm run pages', () => {
    const { text, made } = readmePage()
    expect(text).toBe(made)
  })

  it('can be read in one sitting, and its picture is there', () => {
    const { text } = readmePage()
    expect(text.split('\n').length).toBeLessThan(250)
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, path = '']) => path)
    expect(links.filter(path => !existsSync(`${root}/${path}`))).toEqual([])
  })
})

describe('the page of each package', () => {
  const pages = globSync('plugins/*/package.json', { cwd: root }).map(file => ({
    name: JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).name as string,
    page: readFileSync(`${root}/${dirname(file)}/README.md`, 'utf8'),
  }))

  it.each(pages)('$name begins with its name and a sentence', ({ name, page }) => {
    const [title, blank, sentence = ''] = page.split('\n')
    expect(title).toBe(`# ${name}`)
    expect(blank).toBe('')
    expect(sentence).toMatch(/^\w.*[.:]$/)
  })
})
