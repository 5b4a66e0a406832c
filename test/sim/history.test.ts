import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { steps } from '../../src/history/life.ts'
import { readHistory } from '../../src/operations/history.ts'
import { historyCsv, historyJson, historyLines } from '../../src/views/history.ts'
import { cron } from './capacity-rig.ts'
import { createRig, type Rig } from './rig.ts'

const minute = 60_000
const historyOf = (rig: Rig) => readHistory(rig.context(), rig.startedAt)

describe('the history of a run', () => {
  it('knows since when its jobs were waited for, also of provision, which reads its queue once', async () => {
    using rig = createRig({ count: 6, pool: { capacity: { max: 2 } } })
    await rig.run()
    const { lives, jobs } = await historyOf(rig)
    expect(jobs).toHaveLength(6)
    expect(jobs.every(job => job.leftAt !== undefined)).toBe(true)
    expect(jobs.filter(job => job.waits.some(wait => wait.code === 'pool-full'))).toHaveLength(4)
    for (const { times } of lives) expect(times.wanted).toBeLessThanOrEqual(times.decided ?? Number.NaN)
  })

  it('has each machine from the wish for it to its end, in order', async () => {
    using rig = createRig({ count: 12, pool: { capacity: { max: 4 } }, traits: { console: 'live' } })
    await cron(rig, 12, { forMs: 55_000 })
    const { lives, jobs, queues } = await historyOf(rig)
    expect(lives).toHaveLength(12)
    for (const life of lives) {
      const known = steps.flatMap(step => life.times[step] ?? [])
      expect(Object.keys(life.times)).toEqual([...steps])
      expect(known).toEqual(known.toSorted((a, b) => a - b))
      expect(life).toMatchObject({ pool: 'p', provider: 'sim', attempt: 1, tries: 1, reason: 'job-finished' })
      expect(life.why).toMatch(/waits? without a machine/)
    }
    expect(jobs).toHaveLength(12)
    const waited = jobs.filter(job => job.waits.length > 0)
    expect(waited).toHaveLength(8)
    for (const { waits, leftAt } of waited) {
      expect(waits).toMatchObject([
        { code: 'pool-full', why: 'p: it has its most machines, 4', until: expect.any(Number) },
      ])
      expect(leftAt).toBeGreaterThanOrEqual(waits[0]?.until ?? Number.NaN)
    }
    expect(queues[0]).toMatchObject({ agentType: 's1-x', queued: 12 })
    expect(queues.at(-1)).toMatchObject({ queued: 0, running: expect.any(Number) })
  })

  it('has what a cloud said to each call, and why a machine failed, with its console', async () => {
    using rig = createRig({
      count: 1,
      knobs: { bootFailure: { chance: 1, text: 'cloud-init: 503' }, chances: { launch: { throttled: 0.9 } } },
    })
    await cron(rig, 20, { forMs: 55_000 })
    const { lives } = await historyOf(rig)
    expect(lives.map(life => life.attempt)).toEqual([1, 2, 3])
    expect(lives.every(life => life.consoleTail?.includes('cloud-init: 503'))).toBe(true)
    expect(lives.flatMap(life => life.refusals)).toContainEqual(
      expect.objectContaining({ code: 'rate-limited', at: expect.any(Number), message: expect.any(String) }),
    )
  })

  it('holds no secret that a guest printed', async () => {
    const token = 'f00d'.repeat(20)
    const text = `SEMAPHORE_AGENT_TOKEN=${token} https://me:hunter2secret@git.example/`
    using rig = createRig({ count: 1, knobs: { bootFailure: { chance: 1, text } } })
    await cron(rig, 12)
    const folder = rig.context().effects.env.AGENTCTL_STATE_DIR ?? ''
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter(name => name.includes('journal.sqlite'))
    expect(files.length).toBeGreaterThan(0)
    const bytes = files.map(name => readFileSync(join(folder, name), 'latin1')).join('')
    expect(bytes).toContain('[hidden]')
    expect(bytes).not.toContain(token)
    expect(bytes).not.toContain('hunter2secret')
  })
})

it('is exported as lines of JSON and as CSV', async () => {
  using rig = createRig({ count: 2 })
  await cron(rig, 6)
  const json = historyJson(await historyOf(rig))
  const kinds = historyLines(json).map(line => JSON.parse(line).kind)
  expect(new Set(kinds)).toEqual(new Set(['machine', 'job', 'queue']))
  const [head = '', ...rows] = historyCsv(json)
  expect(rows).toHaveLength(2)
  expect(head.split(',').at(-1)).toBe('gone')
  expect(Date.parse(rows[0]?.split(',').at(-1) ?? '')).toBe(json.machines[0]?.times.gone)
  expect(json.until - json.since).toBeGreaterThanOrEqual(6 * minute)
})
