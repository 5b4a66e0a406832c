import { join } from 'node:path'
import { looks, openBrowser, show, violationsOf } from '../support/browser.ts'
import { run, start, until } from '../support/cli.ts'
import { busyRound } from './busy.ts'

/** The page of `capacity serve` with jobs that run, jobs that wait, machines that are held, and a pool whose boots fail. */
export async function pagePictures(folder: string): Promise<void> {
  await using round = await busyRound()
  const { home } = round
  const served = start(home, 'capacity', 'serve', '--listen', '127.0.0.1:0')
  const url = () => /The page is (http:\S+)/.exec(served.output())?.[1]
  await until('it listens', () => url() !== undefined, 60_000)
  await using browser = await openBrowser()
  for (const look of looks) {
    await using shown = await show(browser, url() ?? '', look)
    const text = () => shown.page.locator('main').innerText()
    await until(
      'all of it is shown',
      async () =>
        /breaker open/.test(await text()) && /held for/.test(await text()) && /online/.test(await text()),
      120_000,
    )
    const violations = await violationsOf(shown.page)
    if (violations.length > 0) throw new Error(violations.join('\n'))
    const path = join(folder, `page-${look.width}-${look.scheme}.png`)
    await shown.page.screenshot({ path, fullPage: true })
  }
  served.child.kill('SIGTERM')
  await served.ended
  await run(home, 'instances', 'terminate', '--all')
}
