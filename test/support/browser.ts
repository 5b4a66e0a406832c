import { existsSync } from 'node:fs'
import axe, { type AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Debian's package. */
const executable = '/usr/bin/chromium'

/** Says so by name where it is not there; in CI it has to be. */
export const hasBrowser = existsSync(executable) || process.env.CI !== undefined

export function openBrowser(): Promise<Browser> {
  // As root its sandbox cannot be had, and /dev/shm is small in containers.
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export const widths = { phone: 390, desktop: 1280 } as const
export const schemes = ['light', 'dark'] as const

export interface Look {
  readonly width: keyof typeof widths
  readonly scheme: (typeof schemes)[number]
}

/** All four. */
export const looks: readonly Look[] = (['phone', 'desktop'] as const).flatMap(width =>
  schemes.map(scheme => ({ width, scheme })),
)

export interface Shown extends AsyncDisposable {
  readonly page: Page
  /** Every address that the page asked for, itself included where it is no data: URL. */
  readonly asked: readonly string[]
  /** What it said on its console, and what it threw. */
  readonly complaints: readonly string[]
}

/** A page at that width, in that colour scheme, once it has loaded. */
export async function show(browser: Browser, url: string, { width, scheme }: Look): Promise<Shown> {
  const context = await browser.newContext({
    viewport: { width: widths[width], height: width === 'phone' ? 844 : 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', request => asked.push(request.url()))
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(url)
  return { page, asked, complaints, [Symbol.asyncDispose]: () => context.close() }
}

/** What axe-core finds against WCAG 2.2 AA and its own best practices: rule, and where. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(node => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
  )
}

/** How far the page is wider than its window: 0 where nobody has to scroll sideways. Unit: pixels. */
export async function overflowOf(page: Page): Promise<number> {
  const { scrollWidth, clientWidth } = (await page.evaluate(
    '({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })',
  )) as { scrollWidth: number; clientWidth: number }
  return scrollWidth - clientWidth
}
