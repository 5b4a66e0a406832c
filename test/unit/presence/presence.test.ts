import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readConsole } from '../../../src/presence/console.ts'
import { readAgents } from '../../../src/presence/hub.ts'
import { readJob } from '../../../src/presence/job.ts'
import { json, loopback } from '../../support/loopback.ts'

const token = 'api-token-1234567890'
const read = (endpoint: string) =>
  readAgents({ endpoint, noHttps: true }, 's1-x', token, new AbortController().signal)
const agent = (name: string, state = 'running_job') => ({ metadata: { name }, status: { state } })

describe('readAgents', () => {
  it('reads every page, and says who works', async () => {
    await using hub = await loopback((request, response) => {
      const cursor = new URL(request.url ?? '', 'http://x').searchParams.get('cursor')
      json(
        response,
        cursor === 'two'
          ? { agents: [agent('b', 'waiting_for_job')], cursor: '' }
          : { agents: [agent('a')], cursor: 'two' },
      )
    })
    expect([...(await read(hub.endpoint))]).toEqual([
      ['a', 'busy'],
      ['b', 'idle'],
    ])
    expect(hub.requests.map(one => one.url)).toEqual([
      '/api/v1alpha/agents?agent_type=s1-x&page_size=200',
      '/api/v1alpha/agents?agent_type=s1-x&page_size=200&cursor=two',
    ])
    expect(hub.requests[0]?.authorization).toBe(`Token ${token}`)
  })

  it('takes a state that it does not know for busy, so that nothing is ended for it', async () => {
    await using hub = await loopback((_, response) => json(response, { agents: [agent('a', 'dancing')] }))
    expect((await read(hub.endpoint)).get('a')).toBe('busy')
  })

  it('is no half list when a later page fails', async () => {
    await using hub = await loopback((_, response, count) =>
      count === 1 ? json(response, { agents: [agent('a')], cursor: 'two' }) : json(response, {}, 500),
    )
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('ends where the pages do not', async () => {
    await using hub = await loopback((_, response) => json(response, { agents: [], cursor: 'again' }))
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
    expect(hub.requests.length).toBeLessThan(5)
  })

  it.each([
    [401, 'unauthenticated'],
    [404, 'unauthenticated'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
  ])('tells %i as %s, with no token', async (status, code) => {
    await using hub = await loopback((request, response) =>
      json(response, { message: request.headers.authorization }, status),
    )
    const error = await read(hub.endpoint).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(inspect(error, { depth: 10 })).not.toContain(token)
  })

  it.each(['{}', '[]', '{"agents":[{}]}', 'null'])('takes %s for no answer', async body => {
    await using hub = await loopback((_, response) => response.end(body))
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('readJob', () => {
  const jobOf = (status: unknown) =>
    loopback((_, response) => json(response, { metadata: { id: 'j' }, status }))
  const ask = (endpoint: string) =>
    readJob({ endpoint, noHttps: true }, 'j', token, new AbortController().signal)

  it.each([
    [{ state: 'QUEUED', agent: null }, { state: 'waiting' }],
    [
      { state: 'RUNNING', agent: { name: 'a' } },
      { state: 'running', agent: 'a' },
    ],
    [{ state: 'FINISHED', agent: { name: '' } }, { state: 'finished' }],
    // What is new to us is no reason to end a machine.
    [{ state: 'DANCING' }, { state: 'waiting' }],
  ])('%j', async (status, expected) => {
    await using hub = await jobOf(status)
    expect(await ask(hub.endpoint)).toEqual(expected)
    expect(hub.requests).toEqual([{ url: '/api/v1alpha/jobs/j', authorization: `Token ${token}` }])
  })

  it('that is no job is an error', async () => {
    await using hub = await jobOf(undefined)
    await expect(ask(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('readConsole', () => {
  it('reads marks and the end, among everything else', () => {
    const text = [
      '[    0.000000] Linux version 6.1',
      'agentctl: phase=booted t=1.500',
      'agentctl: phase=agent-started t=12',
      'some job: agentctl: phase=agent-ended t=3',
      'agentctl: end reason=job-finished exit=0',
      '',
    ].join('\r\n')
    expect(readConsole(text)).toEqual({
      marks: { booted: 1.5, 'agent-started': 12 },
      end: { reason: 'job-finished', detail: 'exit=0' },
    })
  })

  it('counts the first of a mark, and the last end', () => {
    const text = [
      'agentctl: phase=agent-started t=1',
      'agentctl: phase=agent-started t=9',
      'agentctl: end reason=refused job not available',
      'agentctl: end reason=idle',
    ].join('\n')
    expect(readConsole(text)).toEqual({ marks: { 'agent-started': 1 }, end: { reason: 'idle', detail: '' } })
  })

  it.each(['', 'agentctl: phase=', 'agentctl: phase=x t=y', 'agentctl: end', 'agentctl: phase=booted t=1.'])(
    'finds nothing in %j',
    text => expect(readConsole(text)).toEqual({ marks: {} }),
  )

  it('is not fooled by names of its own language', () => {
    const { marks } = readConsole('agentctl: phase=constructor t=1\nagentctl: phase=__proto__ t=2')
    expect(marks.constructor).toBe(1)
    expect(Object.getPrototypeOf(marks)).toBe(Object.prototype)
  })
})
