import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { looks, openBrowser, show } from '../support/browser.ts'
import { run, start, until } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'

/** The page of `capacity serve` with jobs that run, jobs that wait, and a pool whose boots fail. */
export async function pagePictures(folder: string): Promise<void> {
  await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
  const { hub, home } = round
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: acme-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [linux, linux-new-image] } }
pools:
  linux: { provider: local, capacity: { max: 6 }, hold-on-failure: 20m }
  linux-new-image: { provider: local, capacity: { max: 4 }, agent: { binary: /bin/false } }
`,
  )
  delete home.env.AGENTCTL_OWNER
  const served = start(home, 'capacity', 'serve', '--listen', '127.0.0.1:0')
  const url = () => /The page is (http:\S+)/.exec(served.output())?.[1]
  await until('it listens', () => url() !== undefined, 60_000)
  hub.queue([...jobs(1, 'false'), ...jobs(13, 'sleep 120')])
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
    const path = join(folder, `page-${look.width}-${look.scheme}.png`)
    await shown.page.screenshot({ path, fullPage: true })
  }
  served.child.kill('SIGTERM')
  await served.ended
  await run(home, 'instances', 'terminate', '--all')
}
