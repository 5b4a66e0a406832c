import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiToken, type Load, tokenAt, typeAt } from '../load.ts'
import type { Calls } from './calls.ts'
import type { Cloud, Wish } from './cloud.ts'
import type { Hub } from './hub.ts'
import type { Judge, Wrongs } from './judge.ts'
import type { Tally, Watch } from './tally.ts'

/** What the world tells of itself, to whoever measures. */
export interface WorldFacts extends Tally {
  readonly calls: Calls['counts']
  readonly wrongs: Wrongs
  readonly alive: number
  /** Pools that a host has looked at. */
  readonly known: number
  /** `waiting`: no machine was asked for; `queued`: one is on its way. */
  readonly jobs: Readonly<Record<'waiting' | 'queued' | 'running' | 'finished', number>>
}

export interface World {
  readonly load: Load
  readonly calls: Calls
  readonly cloud: Cloud
  readonly hub: Hub
  readonly judge: Judge
  readonly watch: Watch
  readonly now: () => number
  /** Machines are there, and jobs come. */
  begin(): void
  /** No more jobs: what runs comes to its end. */
  dry(): void
}

/** Status and JSON text. */
type Answer = readonly [status: number, text: string]
type Route = (world: World, query: URLSearchParams, body: string, pool: number) => Answer

const ok = (value: unknown): Answer => [200, JSON.stringify(value)]
const throttled: Answer = [429, '']
const agentsPage = 200

const routes: Readonly<Record<string, Route>> = {
  '/cloud/launch'({ cloud, calls, watch, hub, now }, _query, body) {
    const wish = JSON.parse(body) as Wish
    const { region, units } = wish
    calls.note('launch')
    if (!calls.admit('launch', region) || !calls.admitMachines(region, units.length)) return throttled
    for (const { jobId = '' } of units) {
      const job = hub.jobs.get(jobId)
      if (job && job.createdAt === undefined) watch.created(now() - job.queuedAt)
    }
    const made = cloud.launch(wish)
    return made === 'conflict' ? [409, ''] : [200, machinesText(made)]
  },
  '/cloud/list'({ cloud, calls }, query) {
    const region = query.get('region') ?? ''
    calls.note('list')
    if (!calls.admit('list', region)) return throttled
    const { machines, next } = cloud.page(region, Number(query.get('after') ?? -1))
    return [200, `{"machines":${machinesText(machines)}${next === undefined ? '' : `,"next":${next}`}}`]
  },
  '/cloud/terminate'({ cloud, calls }, query) {
    calls.note('terminate')
    if (!calls.admit('terminate', query.get('region') ?? '')) return throttled
    return ok({ was: cloud.terminate(query.get('id') ?? '') ? 'accepted' : 'gone' })
  },
  '/cloud/console'({ calls }, query) {
    calls.note('console')
    if (!calls.admit('console', query.get('region') ?? '')) return throttled
    return ok({ text: 'agentctl: end reason=job-finished\n' })
  },
  '/api/v1/self_hosted_agents/jobs'({ hub, calls, watch, now }, _query, _body, pool) {
    calls.note('queue')
    watch.looked(pool, now())
    return ok({ jobs: hub.queued(pool).map(id => ({ id })) })
  },
  '/api/v1/self_hosted_agents/metrics'({ hub, calls }, _query, _body, pool) {
    calls.note('metrics')
    return ok({ jobs: hub.counts(pool) })
  },
  '/api/v1alpha/agents'({ hub, calls }, query) {
    calls.note('agents')
    const names = hub.agents(Number((query.get('agent_type') ?? typeAt(0)).slice(typeAt(0).length - 1)))
    const from = Number(query.get('cursor') ?? 0)
    const agents = names
      .slice(from, from + agentsPage)
      .map(name => ({ metadata: { name }, status: { state: 'running_job' } }))
    const next = from + agentsPage < names.length ? String(from + agentsPage) : ''
    return ok({ agents, cursor: next })
  },
  '/bench/facts'({ calls, judge, cloud, hub, watch }) {
    const jobs = { waiting: 0, queued: 0, running: 0, finished: 0 }
    for (const { state, createdAt } of hub.jobs.values()) {
      jobs[state === 'queued' && createdAt === undefined ? 'waiting' : state] += 1
    }
    const { counts } = calls
    const known = watch.known()
    return ok({ calls: counts, wrongs: judge.wrongs, alive: cloud.alive(), known, jobs, ...watch.take() })
  },
  '/bench/begin'({ begin }) {
    begin()
    return ok({})
  },
  '/bench/dry'({ dry }) {
    dry()
    return ok({})
  },
}

function machinesText(machines: readonly { readonly text: string; readonly state: string }[]): string {
  return `[${machines.map(({ text, state }) => `{${text},"state":"${state}"}`).join(',')}]`
}

function jobAnswer({ hub, calls }: World, path: string): Answer {
  calls.note('job')
  const job = hub.jobs.get(path.slice('/api/v1alpha/jobs/'.length))
  if (!job) return [404, '']
  return ok({ status: { state: job.state === 'queued' ? 'QUEUED' : job.state.toUpperCase() } })
}

/** Answers at once, from memory. */
export function answering(world: World): (request: IncomingMessage, response: ServerResponse) => void {
  const pools = new Map(
    Array.from({ length: world.load.pools }, (_, pool) => [`Token ${tokenAt(pool)}`, pool]),
  )
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://world')
    const { authorization = '' } = request.headers
    const pool = pools.get(authorization)
    const isHub = pathname.startsWith('/api/')
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const isKnown = !isHub || pool !== undefined || authorization === `Token ${apiToken}`
    const route = routes[pathname]
    const [status, text] = !isKnown
      ? ([404, ''] as const)
      : route
        ? route(world, searchParams, body, pool ?? 0)
        : jobAnswer(world, pathname)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }
}
