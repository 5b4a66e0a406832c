import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { figuresOf } from '../../src/history/figures.ts'
import { reportPage } from '../../src/views/report/page.ts'
import { busyRun, prices } from '../sim/busy-run.ts'
import { type Look, looks, openBrowser, show, violationsOf } from '../support/browser.ts'

/** Of each picture. Unit: bytes. */
const bytesMax = 200_000
/** As much of a page as is worth a picture. Unit: pixels. */
const heights = { phone: 1500, desktop: 1260 } as const

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'agentctl-pictures-'))
mkdirSync(images, { recursive: true })

/** The pictures of `docs/`, of a run on the simulated cloud that is the same each time. */
async function main(): Promise<void> {
  using run = await busyRun()
  const jobs = run.rig.hub.counts()
  console.log(
    `The simulated cloud, in virtual time: ${JSON.stringify(jobs)}, ${run.history.lives.length} machines`,
  )
  const file = join(folder, 'report.html')
  writeFileSync(file, reportPage(figuresOf(run.history, prices), 'acme-ci'))
  const browser = await openBrowser()
  try {
    for (const look of looks) await picture(browser, pathToFileURL(file).href, 'report', look)
  } finally {
    await browser.close()
  }
}

async function picture(
  browser: Awaited<ReturnType<typeof openBrowser>>,
  url: string,
  name: string,
  look: Look,
): Promise<void> {
  await using shown = await show(browser, url, look)
  const violations = await violationsOf(shown.page)
  if (violations.length > 0) throw new Error(violations.join('\n'))
  const path = join(images, `${name}-${look.width}-${look.scheme}.png`)
  const { width = 0 } = shown.page.viewportSize() ?? {}
  const clip = { x: 0, y: 0, width, height: heights[look.width] }
  await shown.page.screenshot({ path, fullPage: true, clip })
  const { size } = statSync(path)
  if (size > bytesMax) throw new Error(`${path} has ${size} bytes, ${bytesMax} are allowed`)
  console.log(`${path}: ${size} bytes, no violation of accessibility`)
}

try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}
