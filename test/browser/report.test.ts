import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Figures, figuresOf } from '../../src/history/figures.ts'
import { reportPage } from '../../src/views/report/page.ts'
import { type BusyRun, busyRun, prices } from '../sim/busy-run.ts'
import { hasBrowser, looks, openBrowser, overflowOf, show, violationsOf } from '../support/browser.ts'

describe.skipIf(!hasBrowser)('the page of a report, in Chromium', () => {
  let browser: Browser
  let run: BusyRun
  let figures: Figures
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-report-'))
  const write = (name: string, page: string) => {
    writeFileSync(join(folder, name), page)
    return pathToFileURL(join(folder, name)).href
  }
  beforeAll(async () => {
    run = await busyRun()
    figures = figuresOf(run.history, prices)
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    run?.[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })

  it('was made of 200 jobs with faults', () => {
    expect(run.rig.hub.jobs.size).toBe(200)
    expect(figures.machines.failed).toBeGreaterThan(0)
    expect(figures.failures.length).toBeGreaterThan(1)
    expect(figures.waits.length).toBeGreaterThan(0)
  })

  it.each(looks)('is accessible, needs nothing else, and fits: $width, $scheme', async look => {
    const url = write('report.html', reportPage(figures, 'acme'))
    await using shown = await show(browser, url, look)
    expect(await violationsOf(shown.page)).toEqual([])
    expect(shown.asked).toEqual([url])
    expect(shown.complaints).toEqual([])
    expect(await overflowOf(shown.page)).toBe(0)
    expect(await shown.page.locator('svg').count()).toBe(3)
    const heading = await shown.page.locator('h1').textContent()
    expect(heading).toBe('acme')
  })

  it('of nothing is one too', async () => {
    const nothing = figuresOf({ since: 0, until: 60_000, lives: [], jobs: [], queues: [] }, prices)
    await using shown = await show(browser, write('nothing.html', reportPage(nothing, 'acme')), {
      width: 'phone',
      scheme: 'dark',
    })
    expect(await violationsOf(shown.page)).toEqual([])
  })

  it('runs nothing that a guest printed, and shows it as it was', async () => {
    const evil = `"><script>document.title='taken'</script><img src=http://127.0.0.1:9/ onerror=alert(1)>&lt;`
    const [first] = figures.failures
    const example = { ...first?.example, name: evil, offering: evil, detail: evil, consoleTail: evil }
    const page = reportPage({ ...figures, failures: [{ reason: evil, count: 1, example }] }, evil)
    const url = write('evil.html', page)
    await using shown = await show(browser, url, { width: 'phone', scheme: 'dark' })
    expect(shown.asked).toEqual([url])
    expect(await shown.page.title()).toBe(`agentctl report: ${evil}`)
    expect(await shown.page.locator('pre').textContent()).toBe(evil)
  })
})
