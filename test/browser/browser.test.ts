import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, openBrowser, overflowOf, show, violationsOf } from '../support/browser.ts'

const page = (body: string) =>
  `data:text/html,${encodeURIComponent(`<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>${body}</main>`)}`

describe.skipIf(!hasBrowser)('what is asked of pages in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const look = { width: 'phone', scheme: 'dark' } as const

  it('finds nothing where all is well', async () => {
    await using shown = await show(browser, page('<p>text'), look)
    expect(await violationsOf(shown.page)).toEqual([])
    expect(await overflowOf(shown.page)).toBe(0)
    expect(shown.asked).toEqual([])
    expect(shown.complaints).toEqual([])
  })

  it('finds low contrast, what is too wide, what is fetched, and what is thrown', async () => {
    const body =
      '<p style="color:#999;background:#fff;width:800px">text</p><img alt="" src="http://127.0.0.1:9/"><script>nothing()</script>'
    await using shown = await show(browser, page(body), look)
    expect(await violationsOf(shown.page)).toEqual([expect.stringMatching(/^color-contrast/)])
    expect(await overflowOf(shown.page)).toBeGreaterThan(400)
    expect(shown.asked).toContain('http://127.0.0.1:9/')
    expect(shown.complaints.join()).toContain('nothing is not defined')
  })
})
