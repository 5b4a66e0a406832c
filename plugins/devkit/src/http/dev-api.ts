import { Hono } from 'hono'
import { z } from 'zod'
import { jobSpec } from '../hub/job-spec.ts'
import { grantJobs, queueJob, stopJob } from '../hub/jobs.ts'
import { changedKnobs, type KnobChange, knobChange } from '../hub/knobs.ts'
import { plainLog } from '../hub/logs.ts'
import { viewAgent, viewJob } from '../hub/model.ts'
import { emit, type HubState } from '../hub/state.ts'
import { disable } from '../hub/sync.ts'
import { type Call, type HubEnv, isLoopback, readJson, remoteAddress, tokenOf } from './call.ts'

const oneOrMany = z
  .union([jobSpec, z.array(jobSpec)])
  .transform(value => (Array.isArray(value) ? value : [value]))

export interface DevApiOptions {
  readonly apiToken: string
  readonly defaultType: string
}

/**
 * The stand-in's own controls. No token from this machine; a web page is refused, because whoever queues a job runs
 * a command.
 */
export function devApi(hub: HubState, options: DevApiOptions): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  app.use(async (call, next) => {
    if (call.req.header('origin') !== undefined) return call.json({ error: 'not from a web page' }, 403)
    if (isLoopback(remoteAddress(call)) || tokenOf(call) === options.apiToken) return next()
    return call.json({ error: 'from elsewhere this needs the API token' }, 401)
  })
  jobRoutes(app, hub, options)
  app.get('/agents', call => call.json([...hub.agents.values()].map(viewAgent)))
  app.post('/agents/:name{.+}/disable', call => {
    const agent = hub.agents.get(call.req.param('name'))
    if (agent === undefined) return missing(call, 'agent')
    disable(hub, agent)
    return call.json(viewAgent(agent))
  })
  app.get('/knobs', call => call.json(hub.knobs))
  app.post('/knobs', async call => {
    const change = await readJson(call, knobChange)
    if (!change.ok) return call.json({ error: change.why }, 422)
    setKnobs(hub, change.value as KnobChange)
    return call.json(hub.knobs)
  })
  app.get('/events', call => {
    const since = Number(call.req.query('since') ?? 0)
    const lines = hub.events.filter(event => event.n > since).map(event => `${JSON.stringify(event)}\n`)
    return call.text(lines.join(''), 200, { 'content-type': 'application/jsonl' })
  })
  return app
}

function jobRoutes(app: Hono<HubEnv>, hub: HubState, options: DevApiOptions): void {
  app.get('/jobs', call => call.json([...hub.jobs.values()].map(viewJob)))
  app.post('/jobs', async call => {
    const specs = await readJson(call, oneOrMany)
    if (!specs.ok) return call.json({ error: specs.why }, 422)
    const taken = specs.value.find(({ id }) => id !== undefined && hub.jobs.has(id.toLowerCase()))
    if (taken !== undefined) return call.json({ error: `a job ${taken.id} is there already` }, 409)
    const ids = specs.value.map(spec => queueJob(hub, spec, options.defaultType).id)
    grantJobs(hub)
    return call.json({ ids }, 201)
  })
  app.get('/jobs/:id', call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    return job === undefined ? missing(call, 'job') : call.json(viewJob(job))
  })
  app.post('/jobs/:id/stop', call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    if (job === undefined) return missing(call, 'job')
    stopJob(hub, job)
    return call.json(viewJob(job))
  })
  app.get('/jobs/:id/log', call => {
    const job = hub.jobs.get(call.req.param('id').toLowerCase())
    if (job === undefined) return missing(call, 'job')
    const raw = call.req.query('raw') !== undefined
    return call.text(raw ? job.log.map(line => `${line}\n`).join('') : plainLog(job))
  })
}

export function setKnobs(hub: HubState, change: KnobChange): void {
  hub.knobs = changedKnobs(hub.knobs, change)
  emit(hub, { event: 'knobs', change })
  const waiting = [...hub.jobs.values()].filter(({ state }) => state === 'queued' || state === 'pending')
  const { cancel } = change
  if (cancel === 'queued') for (const job of waiting) stopJob(hub, job)
  else
    for (const id of cancel ?? []) {
      const job = hub.jobs.get(id.toLowerCase())
      if (job !== undefined) stopJob(hub, job)
    }
  grantJobs(hub)
}

function missing(call: Call, what: string): Response {
  return call.json({ error: `no such ${what}` }, 404)
}
