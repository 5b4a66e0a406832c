import { expect, it } from 'vitest'
import { nothingYet, pageDocument } from '../../../src/views/page/document.ts'
import { escaped, htmlTable } from '../../../src/views/page/html.ts'

const nasty = `<img src=x onerror="alert('&')">`

it('what clouds and jobs have named stays text', () => {
  expect(escaped(nasty)).toBe('&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;')
  const table = htmlTable(nasty, [nasty], [[nasty, { text: nasty, title: nasty, tone: 'bad' }]])
  expect(table.replaceAll(escaped(nasty), '')).not.toMatch(/<img|onerror/)
  expect(pageDocument(nasty, nothingYet)).not.toContain('<img')
})

it('the page has no inline handler and no style attribute, which its policy forbids', () => {
  expect(pageDocument('acme', nothingYet)).not.toMatch(/\son\w+=|\sstyle=/)
})
