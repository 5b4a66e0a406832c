import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, looks, openBrowser, overflowOf, show, violationsOf } from '../support/browser.ts'
import { type Running, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'

const token = 'the-token-of-this-page'

async function serving(
  { hub, home }: Round,
  ...flags: readonly string[]
): Promise<Running & { readonly url: string }> {
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: test-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [here, broken] } }
pools: { here: { provider: local, capacity: { max: 3 } }, broken: { provider: local, agent: { binary: /bin/false } } }
`,
  )
  home.env.PAGE_TOKEN = token
  const served = start(home, 'capacity', 'serve', '--listen', '127.0.0.1:0', ...flags)
  await until('it listens', () => /The page is http/.test(served.output()), 60_000)
  const url = /The page is (http:\S+)/.exec(served.output())?.[1] ?? ''
  return { ...served, url }
}

describe.skipIf(!hasBrowser)('the page of capacity serve, in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 60_000)
  afterAll(() => browser?.close())

  it('shows what changes without being asked again, at each width and in each scheme, and fetches nothing else', async () => {
    await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
    const served = await serving(round)
    await using first = await show(browser, served.url, { width: 'desktop', scheme: 'light' })
    const { page } = first
    const part = (id: string) => page.locator(`#${id}`).innerText()
    await page.locator('#live.on').waitFor()
    await until('the first look is shown', async () => /Nothing is wrong/.test(await part('trouble')), 60_000)
    expect(await part('machines')).toBe('None.')

    round.hub.queue(jobs(5, 'sleep 30'))
    await until('machines are shown as they come', async () => /online/.test(await part('machines')), 60_000)
    await until('the queue is shown', async () => /3 of 3/.test(await part('pools')), 60_000)
    await until('so is the breaker', async () => /breaker open/.test(await part('pools')), 60_000)
    expect(await part('trouble')).toMatch(/broken launches nothing .*boots failed/)
    expect(await part('decisions')).toMatch(/ago launch 3 in here: 5 jobs wait|ago launch/)
    const [asked, ...more] = new Set(first.asked.map(one => new URL(one).pathname))
    expect([asked, ...more]).toEqual(['/', '/events'])
    expect(first.complaints).toEqual([])

    for (const look of looks) {
      await using shown = await show(browser, served.url, look)
      await shown.page.locator('#live.on').waitFor()
      await until('machines are shown', async () =>
        /online/.test(await shown.page.locator('#machines').innerText()),
      )
      expect(await violationsOf(shown.page), JSON.stringify(look)).toEqual([])
      expect(await overflowOf(shown.page), JSON.stringify(look)).toBe(0)
    }
    served.child.kill('SIGTERM')
    await until(
      'it says that nobody tells it any more',
      async () => /not connected/.test(await part('live')),
      60_000,
    )
    await served.ended
  })

  it('is given for its token alone where there is one, and to no name that is not its own', async () => {
    await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
    const served = await serving(round, '--page-token', 'env:PAGE_TOKEN')
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(new URL(path, served.url), { headers })).status
    expect([await status('/'), await status('/events'), await status('/metrics')]).toEqual([401, 401, 200])
    expect(await status('/', { authorization: `Bearer ${token}` })).toBe(200)
    expect(await status('/', { authorization: 'Bearer wrong' })).toBe(401)
    const head = { method: 'HEAD', headers: { authorization: `Bearer ${token}` } }
    expect((await fetch(new URL('/events', served.url), head)).status).toBe(200)
    const post = { ...head, method: 'POST' }
    expect((await fetch(served.url, post)).status).toBe(404)

    const context = await browser.newContext({ httpCredentials: { username: 'me', password: token } })
    const page = await context.newPage()
    await page.goto(served.url)
    await page.locator('#live.on').waitFor()
    await context.close()

    const port = new URL(served.url).port
    expect(await statusAs('rebound.example', port)).toBe(421)
    expect(served.output()).not.toContain(token)
    served.child.kill('SIGTERM')
    await served.ended
  })

  /** As when a site points its own name at this machine. */
  async function statusAs(name: string, port: string): Promise<number | undefined> {
    const { chromium } = await import('playwright-core')
    const rebinding = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${name} 127.0.0.1`],
    })
    try {
      const page = await rebinding.newPage()
      return (await page.goto(`http://${name}:${port}/`))?.status()
    } finally {
      await rebinding.close()
    }
  }
})
