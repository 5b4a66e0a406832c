import { randomInt } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock, Random } from '@agentctl/contract'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { HubEvent } from '../hub/events.ts'
import type { JobSpec } from '../hub/job-spec.ts'
import { grantJobs, queueJob, stopJob } from '../hub/jobs.ts'
import type { KnobChange, Knobs } from '../hub/knobs.ts'
import { plainLog } from '../hub/logs.ts'
import { type AgentView, type JobView, viewAgent, viewJob } from '../hub/model.ts'
import { emit, type HubState, newHubState, newToken } from '../hub/state.ts'
import { sweep } from '../hub/sweep.ts'
import { disable } from '../hub/sync.ts'
import { createType } from './agent-type-api.ts'
import type { HubEnv } from './call.ts'
import { devApi, setKnobs } from './dev-api.ts'
import { hubApi } from './hub-api.ts'
import { logApi } from './log-api.ts'
import { publicApi } from './public-api.ts'

export interface HubOptions {
  readonly host?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly agentType?: string
  /** Registration tokens of further agent types, by name. */
  readonly moreTypes?: Readonly<Record<string, string>>
  /** Random unless given, as is the API token. */
  readonly token?: string
  readonly apiToken?: string
  readonly publicApi?: boolean
  readonly jobs?: readonly JobSpec[]
  readonly knobs?: KnobChange
  /** Only `now` decides deadlines; HTTP itself runs in real time. */
  readonly clock?: Pick<Clock, 'now'>
  readonly random?: Random
  /** How often the housekeeping looks, in real time. 0: only when `sweep` is called. */
  readonly sweepMs?: number
  readonly onEvent?: (event: HubEvent) => void
}

export interface Hub {
  /** `127.0.0.1:PORT`, as the agent's `endpoint` wants it. */
  readonly endpoint: string
  readonly url: string
  readonly token: string
  readonly apiToken: string
  readonly agentType: string
  queue(jobs: JobSpec | readonly JobSpec[]): string[]
  jobs(): JobView[]
  job(id: string): JobView | undefined
  log(id: string): string
  stop(id: string): void
  agents(): AgentView[]
  disableAgent(name: string): void
  events(): HubEvent[]
  /** The first event, past or to come, that fits. */
  until(fits: (event: HubEvent) => boolean, timeoutMs?: number): Promise<HubEvent>
  knobs(): Knobs
  setKnobs(change: KnobChange): void
  sweep(): void
  close(): Promise<void>
}

const systemRandom: Random = { next: () => randomInt(2 ** 32) / 2 ** 32 }

/** Starts a hub in this process. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const agentType = options.agentType ?? 's1-local'
  const hub = newHubState(options.clock ?? { now: () => Date.now() }, options.random ?? systemRandom)
  const token = options.token ?? newToken(hub.random)
  const apiToken = options.apiToken ?? newToken(hub.random)
  if (options.onEvent) hub.watchers.add(options.onEvent)
  createType(hub, agentType, token)
  for (const [name, typeToken] of Object.entries(options.moreTypes ?? {})) createType(hub, name, typeToken)
  if (options.knobs) setKnobs(hub, options.knobs)
  for (const job of options.jobs ?? []) queueJob(hub, job, agentType)
  grantJobs(hub)

  const app = routes(hub, { agentType, apiToken, withPublicApi: options.publicApi ?? true })
  const host = options.host ?? '127.0.0.1'
  const { port, close } = await listen(app, host, options.port ?? 0)
  const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}`
  emit(hub, { event: 'hub-started', endpoint })
  const stop = new AbortController()
  void keepHouse(hub, options.sweepMs ?? 1000, stop.signal)

  return {
    endpoint,
    url: `http://${endpoint}`,
    token,
    apiToken,
    agentType,
    ...controls(hub, agentType),
    close: async () => {
      stop.abort()
      await close()
    },
  }
}

interface Routes {
  readonly agentType: string
  readonly apiToken: string
  readonly withPublicApi: boolean
}

function routes(hub: HubState, { agentType, apiToken, withPublicApi }: Routes): Hono<HubEnv> {
  const app = new Hono<HubEnv>()
  app.use(async (call, next) => {
    const controlled = call.req.path.startsWith('/dev/')
    return hub.knobs.failAll && !controlled ? call.text('', 500) : next()
  })
  app.get('/', call => call.text(''))
  app.route('/api/v1/self_hosted_agents', hubApi(hub))
  app.route('/api/v1/logs', logApi(hub))
  if (withPublicApi) app.route('/api/v1alpha', publicApi(hub, apiToken))
  app.route('/dev', devApi(hub, { apiToken, defaultType: agentType }))
  return app
}

function controls(
  hub: HubState,
  agentType: string,
): Omit<Hub, 'endpoint' | 'url' | 'token' | 'apiToken' | 'agentType' | 'close'> {
  return {
    queue: jobs => {
      const ids = [jobs].flat().map(spec => queueJob(hub, spec as JobSpec, agentType).id)
      grantJobs(hub)
      return ids
    },
    jobs: () => [...hub.jobs.values()].map(viewJob),
    job: id => {
      const job = hub.jobs.get(id)
      return job === undefined ? undefined : viewJob(job)
    },
    log: id => {
      const job = hub.jobs.get(id)
      return job === undefined ? '' : plainLog(job)
    },
    stop: id => {
      const job = hub.jobs.get(id)
      if (job !== undefined) stopJob(hub, job)
    },
    agents: () => [...hub.agents.values()].map(viewAgent),
    disableAgent: name => {
      const agent = hub.agents.get(name)
      if (agent !== undefined) disable(hub, agent)
    },
    events: () => [...hub.events],
    until: (fits, timeoutMs = 20_000) => awaitEvent(hub, fits, timeoutMs),
    knobs: () => structuredClone(hub.knobs),
    setKnobs: change => setKnobs(hub, change),
    sweep: () => sweep(hub),
  }
}

function awaitEvent(hub: HubState, fits: (event: HubEvent) => boolean, timeoutMs: number): Promise<HubEvent> {
  const past = hub.events.find(fits)
  if (past !== undefined) return Promise.resolve(past)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      hub.watchers.delete(watcher)
      const seen = hub.events.map(event => JSON.stringify(event)).join('\n')
      reject(new Error(`no such event in ${timeoutMs} ms; there were:\n${seen}`))
    }, timeoutMs)
    const watcher = (event: HubEvent) => {
      if (!fits(event)) return
      clearTimeout(timer)
      hub.watchers.delete(watcher)
      resolve(event)
    }
    hub.watchers.add(watcher)
  })
}

async function keepHouse(hub: HubState, everyMs: number, signal: AbortSignal): Promise<void> {
  if (everyMs <= 0) return
  while (!signal.aborted) {
    await sleepFor(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    if (!signal.aborted) sweep(hub)
  }
}

interface Listening {
  readonly port: number
  close(): Promise<void>
}

function listen(app: Hono<HubEnv>, hostname: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, info =>
      resolve({
        port: info.port,
        close: () =>
          new Promise(done => {
            server.close(() => done())
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      }),
    )
    server.once('error', reject)
  })
}
