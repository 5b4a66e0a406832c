import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { wantsOfCount, wantsOfJobs, wantsOfQueue } from '../../../src/demand/fixed.ts'
import { hubOrigin, readQueue } from '../../../src/demand/hub.ts'
import { json, loopback } from '../../support/loopback.ts'

const token = 'registration-token-1234567890'
const never = new AbortController().signal
const jobs = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `job-${at}` }))

const read = (endpoint: string, { signal = never, secret = token } = {}) =>
  readQueue({ endpoint, noHttps: true }, 's1-x', secret, signal)

describe('readQueue', () => {
  it('gives the jobs oldest first, and asks once', async () => {
    await using hub = await loopback((_, response) => json(response, { jobs: jobs(3) }))
    expect(await read(hub.endpoint)).toEqual({ jobIds: ['job-2', 'job-1', 'job-0'], queuedCount: 3 })
    expect(hub.requests).toEqual([
      { url: '/api/v1/self_hosted_agents/jobs', authorization: `Token ${token}` },
    ])
  })

  it.each([
    [1234, 1234],
    // The metrics may be older than the list.
    [400, 500],
  ])('of 500 jobs asks how many there are: %s', async (queued, queuedCount) => {
    await using hub = await loopback((request, response) =>
      json(response, request.url?.endsWith('/metrics') ? { jobs: { queued } } : { jobs: jobs(500) }),
    )
    const queue = await read(hub.endpoint)
    expect(queue.queuedCount).toBe(queuedCount)
    expect(queue.jobIds).toHaveLength(500)
    expect(hub.requests.map(one => one.url)).toEqual([
      '/api/v1/self_hosted_agents/jobs',
      '/api/v1/self_hosted_agents/metrics',
    ])
  })

  it('of machines for any job are two counts, asked for at once', async () => {
    await using hub = await loopback((_, response) => json(response, { jobs: { queued: 3, running: 2 } }))
    const address = { endpoint: hub.endpoint, noHttps: true }
    expect(await readQueue(address, 's1-x', token, never, 'queue')).toEqual({
      ...{ jobIds: [], queuedCount: 3, runningCount: 2 },
    })
    expect(hub.requests.map(one => one.url)).toEqual(['/api/v1/self_hosted_agents/metrics'])
  })

  it('counts a job that is listed twice once', async () => {
    await using hub = await loopback((_, response) => json(response, { jobs: [...jobs(2), ...jobs(2)] }))
    expect(await read(hub.endpoint)).toEqual({ jobIds: ['job-1', 'job-0'], queuedCount: 2 })
  })

  it.each([
    [119, 'known'],
    [121, 'refused'],
  ])('of a cache that has kept it for %s s is %s', async (age, expected) => {
    await using hub = await loopback((_, response) => {
      response.setHeader('age', String(age))
      json(response, { jobs: [] })
    })
    const seen = await read(hub.endpoint).then(
      () => 'known',
      error => (error.code === 'unavailable' ? 'refused' : error),
    )
    expect(seen).toBe(expected)
  })

  it('is not half an answer when the second one fails', async () => {
    await using hub = await loopback((request, response) =>
      request.url?.endsWith('/metrics') ? json(response, {}, 503) : json(response, { jobs: jobs(500) }),
    )
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each([
    [400, 'invalid-spec'],
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
    [404, 'unauthenticated'],
    [422, 'quota-exceeded'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
  ])('tells %i as %s, with no token', async (status, code) => {
    await using hub = await loopback((request, response) =>
      json(response, { error: `not with ${request.headers.authorization}` }, status),
    )
    const error = await read(hub.endpoint).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(inspect(error, { depth: 10 })).not.toContain(token)
  })

  it('hands on how long to wait', async () => {
    await using hub = await loopback((_, response) => response.writeHead(429, { 'retry-after': '7' }).end())
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 })
  })

  it.each(['Wed, 21 Oct 2015 07:28:00 GMT', '-1', 'soon'])('passes over a wait of %j', async wait => {
    await using hub = await loopback((_, response) => response.writeHead(429, { 'retry-after': wait }).end())
    const error = await read(hub.endpoint).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'rate-limited' })
    expect(error).not.toHaveProperty('retryAfterMs')
  })

  it.each([
    ['no JSON', '<html>'],
    ['another shape', '{"jobs":"none"}'],
    ['a list without ids', '{"jobs":[{"name":"x"}]}'],
    ['nothing', ''],
  ])('takes %s for no answer, never for an empty queue', async (_, body) => {
    await using hub = await loopback((_request, response) => response.end(body))
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('takes a connection that breaks in the middle for no answer', async () => {
    await using hub = await loopback((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"jobs":[')
      setImmediate(() => response.destroy())
    })
    await expect(read(hub.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('takes a host that is not there for no answer', async () => {
    const gone = await loopback(() => undefined)
    await gone[Symbol.asyncDispose]()
    await expect(read(gone.endpoint)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('ends at once when it is told to, before and after the answer began', async () => {
    for (const start of [false, true]) {
      const stop = new AbortController()
      await using hub = await loopback((_, response) => {
        if (start) response.writeHead(200).write('{')
        stop.abort(new Error('leaving'))
      })
      await expect(read(hub.endpoint, { signal: stop.signal })).rejects.toThrow('leaving')
    }
  })

  it.each(['a\nb', 'a\r\nX: y', 'äöü…'])(
    'keeps a token that no header can carry out of the error',
    async wrong => {
      await using hub = await loopback((_, response) => json(response, { jobs: [] }))
      const secret = `${token}${wrong}`
      const error = await read(hub.endpoint, { secret }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ message: expect.stringContaining('No answer') })
      expect((error as Error).message).not.toContain(token)
    },
  )

  it('goes by https, unless told otherwise', () => {
    expect(hubOrigin({ endpoint: 'acme.example', noHttps: false })).toBe('https://acme.example')
    expect(hubOrigin({ endpoint: 'localhost:80', noHttps: true })).toBe('http://localhost:80')
  })
})

describe('wants', () => {
  it('of jobs, in their order', () => {
    expect(wantsOfJobs('s1-x', ['b', 'a'])).toEqual([
      { key: 'b', agentType: 's1-x', jobId: 'b' },
      { key: 'a', agentType: 's1-x', jobId: 'a' },
    ])
  })

  it('of a count belong to the run', () => {
    expect(wantsOfCount('s1-x', 2, 'run').map(want => want.key)).toEqual(['slot:run:0', 'slot:run:1'])
    expect(wantsOfCount('s1-x', 2, 'run')).toEqual(wantsOfCount('s1-x', 2, 'run'))
  })

  it('of a long queue are unbound for what its list leaves out, first', () => {
    const wants = wantsOfQueue('s1-x', { jobIds: ['a', 'b'], queuedCount: 3 }, 'run')
    expect(wants.map(want => want.jobId)).toEqual([undefined, 'a', 'b'])
    expect(new Set(wants.map(want => want.key)).size).toBe(3)
  })

  it('of a queue whose count is older than its list are its list', () => {
    expect(wantsOfQueue('s1-x', { jobIds: ['a', 'b'], queuedCount: 1 }, 'run')).toHaveLength(2)
  })
})
